import Builds

/// The counters of an sccache server.
public struct SCCacheStatistics: Hashable, Sendable {
    /// By language, as in `C/C++` and `Rust`.
    public var hits: [String: Int64] = [:]
    public var misses: [String: Int64] = [:]
    public var errors: [String: Int64] = [:]
    /// What compilers' wrappers asked the server.
    public var compileRequests: Int64 = 0
    public var executedRequests: Int64 = 0
    public var nonCacheableRequests: Int64 = 0
    public var cacheTimeouts: Int64 = 0
    public var cacheReadErrors: Int64 = 0
    public var cacheWriteErrors: Int64 = 0
    public var cacheWrites: Int64 = 0
    public var compileFailures: Int64 = 0
    /// `nil` where the cache is not on a local disk.
    public var sizeBytes: Int64?
    public var limitBytes: Int64?

    public var counts: CompilerCacheCounts {
        CompilerCacheCounts(hits: hits.values.reduce(0, saturatingSum), misses: misses.values.reduce(0, saturatingSum))
    }

    init() {}

    /// Reads the output of `sccache --show-stats --stats-format json`.
    public init?(showStatsJSON text: String) {
        guard case .object(let top)? = BoundedJSON.parse(text), case .object(let stats)? = top["stats"],
            let hits = Self.counts(stats["cache_hits"]), let misses = Self.counts(stats["cache_misses"])
        else { return nil }
        self.hits = hits
        self.misses = misses
        errors = Self.counts(stats["cache_errors"]) ?? [:]
        func number(_ name: String) -> Int64 { Self.whole(stats[name]) ?? 0 }
        compileRequests = number("compile_requests")
        executedRequests = number("requests_executed")
        nonCacheableRequests = number("requests_not_cacheable")
        cacheTimeouts = number("cache_timeouts")
        cacheReadErrors = number("cache_read_errors")
        cacheWriteErrors = number("cache_write_errors")
        cacheWrites = number("cache_writes")
        compileFailures = number("compile_fails")
        sizeBytes = Self.whole(top["cache_size"])
        limitBytes = Self.whole(top["max_cache_size"])
    }

    /// `{"counts": {"C/C++": 3, "Rust": 1}}`
    private static func counts(_ value: JSONValue?) -> [String: Int64]? {
        guard case .object(let outer)? = value, case .object(let counts)? = outer["counts"] else { return nil }
        return counts.mapValues { whole($0) ?? 0 }
    }

    private static func whole(_ value: JSONValue?) -> Int64? {
        value?.numberValue.flatMap { Int64(exactly: $0.rounded()) }
    }
}
