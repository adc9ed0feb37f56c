import Builds

/// What a store counts of its transactions, since it was opened.
public struct StoreFigures: Hashable, Sendable {
    /// Writes per transaction that committed; refused ones are among them. Their mean says how many callers share one wait
    /// for the disk.
    public var groupSizes = Distribution(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
    /// Seconds that transactions took, the wait for the disk included.
    public var commitSeconds = Distribution(
        bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    /// Transactions that the database did not commit.
    public var failures: Int64 = 0
    /// Writes that wait for a transaction now.
    public var waiting = 0

    public init() {}

    /// Transactions that committed.
    public var commits: Int64 { groupSizes.counts.reduce(0, +) }
    /// Writes in them.
    public var writes: Int64 { Int64(groupSizes.sum) }
}
