/// How our policy did against another on the same builds: differences of resamples drawn together.
public struct PolicyComparison: Hashable, Sendable, Codable {
    /// The policy compared with.
    public var rival: String
    /// Share killed, ours minus theirs.
    public var killed: Estimate
    /// Allocated over used, ours over theirs minus 1.
    public var allocated: Estimate
    /// Waste, retries included, ours over theirs minus 1.
    public var waste: Estimate
    /// Cost, ours over theirs minus 1.
    public var cost: Estimate
}
