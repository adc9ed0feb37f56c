import Telemetry

/// Hits and misses of the compiler cache over a step: its counters after, minus before.
///
/// Counters belong to the cache, not to the step: others who use the same cache at the same time are counted with it.
struct CompilerCacheMeter: Sendable {
    private let directory: String?
    private let before: CompilerCacheCounts?

    init(environment: [String: String]) {
        directory = CCacheStatistics.directory(environment: environment)
        before = directory.flatMap(CCacheStatistics.init(directory:))?.counts
    }

    /// `nil` when there is no cache to read. A cache that appeared meanwhile began at zero.
    func counts() -> CompilerCacheCounts? {
        guard let directory, let after = CCacheStatistics(directory: directory)?.counts else { return nil }
        return after.since(before ?? CompilerCacheCounts(hits: 0, misses: 0))
    }
}
