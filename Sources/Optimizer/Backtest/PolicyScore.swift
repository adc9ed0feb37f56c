/// How one policy did on a history.
public struct PolicyScore: Hashable, Sendable, Codable {
    /// Share of builds whose first attempt would have been killed.
    public var killed: Estimate
    /// Memory reserved by first attempts over memory used, both times duration.
    public var allocatedToUsed: Estimate
    /// Memory reserved and not used, retries included, over memory used.
    public var wasteToUsed: Estimate
    /// Median over the builds of limit over peak.
    public var medianRatio: Estimate
    /// GiB·h held, retries included.
    public var reservedGiBHours: Estimate
    /// Hours all attempts took.
    public var wallHours: Estimate
    /// US dollars of all attempts.
    public var costUSD: Estimate
    /// Share of builds killed by size class, smallest first; `nil` for a class without builds.
    public var killedBySize: [Double?]
    /// Share killed among the first three builds of each group; `nil` when there are none.
    public var killedAtFirst: Double?
}
