import Telemetry

/// Hits and misses of the compiler caches over a step: their counters after, minus before.
///
/// Counters belong to a cache, not to the step: others who use the same cache at the same time are counted with it.
struct CompilerCacheMeter: Sendable {
    private let directory: String?
    private let server: SCCacheProgram?
    private let before: (ccache: CompilerCacheCounts?, sccache: CompilerCacheCounts?)

    init(environment: [String: String]) {
        directory = CCacheStatistics.directory(environment: environment)
        server = SCCacheProgram(environment: environment)
        before = (directory.flatMap(CCacheStatistics.init(directory:))?.counts, server?.counts())
    }

    /// `nil` when there is no cache to read. A cache that appeared meanwhile began at zero.
    func counts() -> CompilerCacheCounts? {
        let ccache = directory.flatMap(CCacheStatistics.init(directory:))?.counts.since(before.ccache ?? .init())
        let sccache = server?.counts()?.since(before.sccache ?? .init())
        guard let ccache, let sccache else { return ccache ?? sccache }
        return CompilerCacheCounts(hits: ccache.hits + sccache.hits, misses: ccache.misses + sccache.misses)
    }
}
