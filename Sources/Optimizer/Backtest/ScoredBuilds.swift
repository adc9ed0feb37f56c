/// Which builds of a history count, and how large each was expected to be. The same for all policies.
struct ScoredBuilds: Hashable, Sendable {
    /// Share of the history that only teaches.
    static let teachingShare = 10
    /// Builds of a group that are called its first ones, and builds of the whole history before which nobody knows
    /// anything.
    private static let firstRuns = 3
    private static let settlingBuilds = 50
    /// Boundaries of the size classes, as quantiles of the running means.
    static let classQuantiles = [0.25, 0.5, 0.75, 0.9]
    /// Rate of the running mean.
    private static let meanRate = 0.2

    /// Indices of the builds that count: all but the first tenth.
    let indices: Range<Int>
    /// Indices of the first three builds of each group, once there were fifty builds.
    let first: [Int]
    /// For each size class, smallest first, indices of its builds that count.
    let classes: [[Int]]

    init(_ history: RecordedHistory) {
        let count = history.builds.count
        indices = count / Self.teachingShare..<count
        var seen: [Int: (runs: Int, mean: Double)] = [:]
        var first: [Int] = []
        var means: [(index: Int, mean: Double)] = []
        for (index, build) in history.builds.enumerated() {
            // A build without groups is one of a kind of its own.
            let groups = build.question.groups
            let group = groups.indices.contains(history.sizeLevel) ? groups[history.sizeLevel] : -1
            let known = seen[group]
            if known?.runs ?? 0 < Self.firstRuns, index >= Self.settlingBuilds { first.append(index) }
            if let known, indices.contains(index) { means.append((index, known.mean)) }
            let mean = known.map { $0.mean + Self.meanRate * (build.result.peakGiB - $0.mean) }
            seen[group] = ((known?.runs ?? 0) + 1, mean ?? build.result.peakGiB)
        }
        self.first = first
        let sorted = means.map(\.mean).sorted()
        let boundaries = Self.classQuantiles.compactMap { Quantile.interpolated($0, ofSorted: sorted) }
        var classes: [[Int]] = Array(repeating: [], count: Self.classQuantiles.count + 1)
        for (index, mean) in means { classes[boundaries.count { $0 <= mean }].append(index) }
        self.classes = classes
    }
}
