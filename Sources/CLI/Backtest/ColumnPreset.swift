import ArgumentParser

/// Public data sets whose columns are known.
enum ColumnPreset: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Builds of Spack's package CI, as published with converged-computing/rainbow-experiments.
    case spack
    /// Builds of a large C++ database, as published with Zmart64/SAPResourceOptimizer.
    case sap

    /// The preset whose columns a header has.
    init?(header: [String]) {
        let names = Set(header)
        guard let preset = Self.allCases.first(where: { names.isSuperset(of: $0.mapping.columns) }) else { return nil }
        self = preset
    }

    var mapping: ColumnMapping {
        switch self {
        case .spack: Self.spackMapping
        case .sap: Self.sapMapping
        }
    }

    private static var spackMapping: ColumnMapping {
        let compiler = ["compiler_name", "compiler_version"]
        var mapping = ColumnMapping(
            pipeline: "package", step: nil, keys: ["package", "arch"] + compiler, peak: "mem_max_bytes")
        mapping.textKeys = ["compiler_version"]
        mapping.image = ["compiler_name", "arch"]
        mapping.tool = "compiler_name"
        mapping.defaultBranch = "main"
        mapping.duration = "duration_s"
        mapping.order = "id"
        mapping.levels = [["package"] + compiler + ["arch"], ["package", "compiler_name"], ["package"], []]
        mapping.sizeLevel = 2
        // The largest runner of that CI.
        mapping.capGiB = 64
        return mapping
    }

    private static var sapMapping: ColumnMapping {
        let base = ["component", "compiler", "opt", "make_type", "arch"]
        let configuration =
            base + ["target_cnt", "local_jobs", "distributed_jobs", "location", "ts_phase", "targets"]
        var mapping = ColumnMapping(
            pipeline: "component", step: nil, keys: configuration + ["branch"], peak: "max_rss_gib")
        mapping.peakUnit = .gib
        mapping.image = ["compiler", "opt", "arch"]
        mapping.tool = "compiler"
        mapping.branch = "branch"
        mapping.request = "memreq_gib"
        mapping.requestUnit = .gib
        mapping.order = "time"
        mapping.jobs = "local_jobs"
        mapping.levels = [
            configuration + ["branch"], configuration, base + ["ts_phase", "target_cnt"],
            ["compiler", "opt", "ts_phase"], [],
        ]
        mapping.sizeLevel = 1
        // The largest machines, and a typical request, of that CI.
        mapping.capGiB = 400
        mapping.defaultGiB = 150
        return mapping
    }
}
