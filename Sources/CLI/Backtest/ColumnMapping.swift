import ArgumentParser

/// Which column of a file says what about a build.
struct ColumnMapping: Hashable, Sendable {
    /// Unit of a column of memory.
    enum MemoryUnit: String, ExpressibleByArgument, CaseIterable, Sendable {
        case bytes, mib, gib

        /// GiB in one of these.
        var gib: Double {
            switch self {
            case .bytes: 0x1p-30
            case .mib: 0x1p-10
            case .gib: 1
            }
        }
    }

    var pipeline: String
    var step: String?
    /// Columns that name a configuration; they go into the context under their own names.
    var keys: [String] = []
    /// Key columns that are names even when they look like numbers.
    var textKeys: Set<String> = []
    /// Columns that together name the image, joined by `-`; the one that names the tool; that which names the branch.
    var image: [String] = []
    var tool: String?
    var branch: String?
    /// Branch of every build, when no column says it.
    var defaultBranch: String?
    var peak: String
    var peakUnit = MemoryUnit.bytes
    var request: String?
    var requestUnit = MemoryUnit.bytes
    /// Seconds.
    var duration: String?
    var order: String?
    var jobs: String?
    var status: String?
    /// Groups of builds that rivals keep histories of, each by its columns, fine to coarse; the last has none.
    var levels: [[String]]
    /// Index of the level whose running mean tells how large a build is.
    var sizeLevel: Int
    /// The largest machine, GiB.
    var capGiB = 256.0
    /// What a rival gives a build when nothing is known, GiB.
    var defaultGiB = 2.0

    /// Every column that is read, each once.
    var columns: [String] {
        var seen: Set<String> = []
        let single = [step, tool, branch, request, duration, order, jobs, status].compactMap(\.self)
        return ([pipeline, peak] + keys + image + single + levels.flatMap(\.self)).filter { seen.insert($0).inserted }
    }

    /// For a file of one's own: a group for each configuration, each step, each pipeline, and one for all.
    init(pipeline: String, step: String?, keys: [String], peak: String) {
        self.pipeline = pipeline
        self.step = step
        self.keys = keys
        self.peak = peak
        let named = [pipeline] + (step.map { [$0] } ?? [])
        var levels = [named + keys]
        let branchless = keys.filter { $0 != "branch" }
        if branchless != keys { levels.append(named + branchless) }
        if !branchless.isEmpty { levels.append(named) }
        sizeLevel = levels.count - 1
        if step != nil { levels.append([pipeline]) }
        levels.append([])
        self.levels = levels
    }
}
