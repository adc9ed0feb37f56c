import Builds

/// The counters of sccache, by language.
public struct SCCacheStatistics: Hashable, Sendable {
    public var hits: [String: Int64]
    public var misses: [String: Int64]

    public var counts: CompilerCacheCounts {
        CompilerCacheCounts(hits: hits.values.reduce(0, saturatingSum), misses: misses.values.reduce(0, saturatingSum))
    }

    /// Reads the output of `sccache --show-stats --stats-format json`.
    public init?(showStatsJSON text: String) {
        guard case .object(let top)? = BoundedJSON.parse(text), case .object(let stats)? = top["stats"],
            let hits = Self.counts(stats["cache_hits"]), let misses = Self.counts(stats["cache_misses"])
        else { return nil }
        self.hits = hits
        self.misses = misses
    }

    /// `{"counts": {"C/C++": 3, "Rust": 1}}`
    private static func counts(_ value: JSONValue?) -> [String: Int64]? {
        guard case .object(let outer)? = value, case .object(let counts)? = outer["counts"] else { return nil }
        return counts.mapValues { Int64(exactly: ($0.numberValue ?? 0).rounded()) ?? 0 }
    }
}
