import Builds

/// Something an operator may want to look at. Alerts never change what is recommended.
public struct Alert: Hashable, Codable, Sendable {
    public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        /// One run far from what was expected.
        case anomaly
        /// The step has changed for good.
        case drift
        /// A configuration did worse than the declared one and is not chosen for twenty runs.
        case rollback
        /// OOM kills came more often than accepted; limits are raised by a quarter for ten runs.
        case oomRate = "oom_rate"
    }

    public let step: StepIdentity
    /// When the run that raised it began.
    public let at: Timestamp
    /// That run; `nil` when the outcome did not name one.
    public let runID: RunID?
    public let kind: Kind
    /// For a person: what happened, with the numbers before and after.
    public let text: String
    /// For anomalies and drift: what was expected by the runs before, and what came; means over ``runs``.
    public var before: Double?
    public var after: Double?
    /// Unit of both: `s` (elapsed), `cpu_s` or `gb`.
    public var unit: String?
    /// Runs it was found in.
    public var runs: Int?
}
