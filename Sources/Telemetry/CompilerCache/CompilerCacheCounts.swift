/// How often a compiler cache had an answer.
public struct CompilerCacheCounts: Hashable, Sendable {
    public var hits: Int64
    public var misses: Int64

    public init(hits: Int64 = 0, misses: Int64 = 0) {
        self.hits = hits
        self.misses = misses
    }

    /// What was added since `earlier`. Counts that fell were reset in between (`ccache --zero-stats`).
    public func since(_ earlier: CompilerCacheCounts) -> CompilerCacheCounts {
        guard hits >= earlier.hits && misses >= earlier.misses else { return self }
        return CompilerCacheCounts(hits: hits - earlier.hits, misses: misses - earlier.misses)
    }

    static func + (a: CompilerCacheCounts, b: CompilerCacheCounts) -> CompilerCacheCounts {
        CompilerCacheCounts(hits: saturatingSum(a.hits, b.hits), misses: saturatingSum(a.misses, b.misses))
    }
}
