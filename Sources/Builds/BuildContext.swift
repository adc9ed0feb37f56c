/// What a caller knows before a build runs. Every field is optional; keys InfraMind does not know are kept in ``extra``.
public struct BuildContext: Hashable, Sendable {
    public var tool: String?
    public var repository: String?
    public var branch: String?
    public var image: String?
    public var architecture: String?
    public var workerPool: String?
    /// Largest memory the caller has seen, in bytes. No recommendation goes below 1.2 × this.
    public var statedPeakMemoryBytes: Int64?
    public var ioReadBytes: Int64?
    public var ioWriteBytes: Int64?
    /// 0 to 1.
    public var cacheHitRatio: Double?
    public var cacheState: CacheState?
    public var stepCount: Int?
    public var averageStepSeconds: Double?
    /// Duration of a mean run today, in seconds.
    public var durationSeconds: Double?
    /// Cost of a mean run today, in US dollars.
    public var costUSD: Double?
    public var changedFiles: Int?
    public var changedLines: Int?
    /// Settings of the last run that succeeded.
    public var lastSuccess: Settings?
    /// What would run without InfraMind.
    public var baseline: Settings?
    /// Everything else the caller sent, by its key on the wire.
    public var extra: [String: JSONValue]

    public init() { extra = [:] }
}

/// How warm the compiler and build caches are.
public enum CacheState: String, Hashable, Sendable, Codable, CaseIterable {
    case cold, partial, warm
}

/// The kind of branch a build runs on; pooled separately because release builds do more work.
public enum BranchClass: String, Hashable, Sendable, Codable, CaseIterable {
    case main, feature, release

    /// `main`, `master`, `trunk`, `develop` and their remote forms are main; `release/…`, `release-…`, `rel/…`,
    /// `hotfix/…` and version-like names (`v1.2`, `1.2.x`) are release; everything else, and no name, is feature.
    public init(branch: String?) {
        guard var name = branch?.lowercased() else {
            self = .feature
            return
        }
        for prefix in ["refs/heads/", "refs/remotes/origin/", "origin/"] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        let first = name.utf8.first ?? 0
        let second = name.utf8.dropFirst().first ?? 0
        let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
        if ["main", "master", "trunk", "develop"].contains(name) {
            self = .main
        } else if ["release", "rel/", "hotfix/"].contains(where: name.hasPrefix)
            || (name.contains(".") && (digit.contains(first) || (first == UInt8(ascii: "v") && digit.contains(second))))
        {
            self = .release
        } else {
            self = .feature
        }
    }
}
