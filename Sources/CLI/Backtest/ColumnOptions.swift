import ArgumentParser

/// The file of recorded builds, and its columns.
struct ColumnOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Recorded builds, one a row, with a header. Without one, those that the server has learned.",
            valueName: "file"))
    var csv: String?

    @Option(help: "Columns of a public data set: spack or sap. Default: recognised by the header.")
    var preset: ColumnPreset?

    @Option(help: ArgumentHelp("Column that names the pipeline.", valueName: "name"))
    var pipelineColumn: String?

    @Option(help: ArgumentHelp("Column that names the step.", valueName: "name"))
    var stepColumn: String?

    @Option(
        name: .customLong("key-column"),
        help: ArgumentHelp(
            "Column that names a configuration (compiler, architecture, branch …); give it again for each.",
            valueName: "name"))
    var keyColumns: [String] = []

    @Option(help: ArgumentHelp("Column with the peak memory.", valueName: "name"))
    var peakColumn: String?

    @Option(help: "Unit of the peak: bytes, mib or gib. Default: bytes.")
    var peakUnit: ColumnMapping.MemoryUnit?

    @Option(
        help: ArgumentHelp(
            "Column with the duration in seconds. Without one, every build counts as an hour.", valueName: "name"))
    var durationColumn: String?

    @Option(help: ArgumentHelp("Column with the memory the build was given.", valueName: "name"))
    var requestColumn: String?

    @Option(help: "Unit of the request. Default: that of the peak.")
    var requestUnit: ColumnMapping.MemoryUnit?

    @Option(
        help: ArgumentHelp(
            "Column that tells the order: numbers, or texts such as 2026-03-01 12:30:00. Default: as in the file.",
            valueName: "name"))
    var orderColumn: String?

    @Option(help: ArgumentHelp("Column with the jobs (-j) the build ran with.", valueName: "name"))
    var jobsColumn: String?

    @Option(
        help: ArgumentHelp(
            "Column with the result; builds that were canceled or still run are left out.", valueName: "name"))
    var statusColumn: String?

    @Option(help: ArgumentHelp("The largest machine, GiB: no limit is above it.", valueName: "gib"))
    var capGb: Double?

    /// 1 MiB to 4 TiB.
    private static let capRange = 0.001...4096

    func validate() throws {
        if let capGb, !Self.capRange.contains(capGb) {
            throw ValidationError("--cap-gb must be between 0.001 and 4096.")
        }
        let named: [(String, Bool)] = [
            ("--preset", preset != nil), ("--pipeline-column", pipelineColumn != nil),
            ("--step-column", stepColumn != nil), ("--key-column", !keyColumns.isEmpty),
            ("--peak-column", peakColumn != nil), ("--peak-unit", peakUnit != nil),
            ("--duration-column", durationColumn != nil), ("--request-column", requestColumn != nil),
            ("--request-unit", requestUnit != nil), ("--order-column", orderColumn != nil),
            ("--jobs-column", jobsColumn != nil), ("--status-column", statusColumn != nil),
        ]
        if csv == nil, let option = named.first(where: \.1)?.0 {
            throw ValidationError("\(option) says what a file holds; name the file with --csv.")
        }
        if preset != nil, pipelineColumn != nil {
            throw ValidationError("Give --preset or --pipeline-column, not both.")
        }
        if pipelineColumn != nil, peakColumn == nil {
            throw ValidationError("--pipeline-column needs --peak-column.")
        }
        if pipelineColumn == nil, stepColumn != nil || !keyColumns.isEmpty {
            throw ValidationError("--step-column and --key-column need --pipeline-column.")
        }
    }

    /// The mapping for a file with this header.
    ///
    /// - Throws: `ValidationError` when a column is not there, or nobody said which are which.
    func mapping(header: [String]) throws -> ColumnMapping {
        var mapping: ColumnMapping
        if let pipelineColumn, let peakColumn {
            mapping = ColumnMapping(pipeline: pipelineColumn, step: stepColumn, keys: keyColumns, peak: peakColumn)
        } else if let preset = preset ?? ColumnPreset(header: header) {
            mapping = preset.mapping
        } else {
            throw ValidationError(
                "No preset fits the header. Name at least --pipeline-column and --peak-column; the file has: "
                    + header.map(printable).joined(separator: ", ") + ".")
        }
        if pipelineColumn == nil, let peakColumn { mapping.peak = peakColumn }
        if let peakUnit { mapping.peakUnit = peakUnit }
        if pipelineColumn != nil { mapping.requestUnit = mapping.peakUnit }
        if let requestUnit { mapping.requestUnit = requestUnit }
        mapping.duration = durationColumn ?? mapping.duration
        mapping.request = requestColumn ?? mapping.request
        mapping.order = orderColumn ?? mapping.order
        mapping.jobs = jobsColumn ?? mapping.jobs
        mapping.status = statusColumn ?? mapping.status
        mapping.capGiB = capGb ?? mapping.capGiB
        let names = Set(header)
        let missing = mapping.columns.filter { !names.contains($0) }
        guard missing.isEmpty else {
            throw ValidationError(
                "The file has no column " + missing.map { "'\($0)'" }.joined(separator: ", ") + "; it has: "
                    + header.map(printable).joined(separator: ", ") + ".")
        }
        return mapping
    }
}
