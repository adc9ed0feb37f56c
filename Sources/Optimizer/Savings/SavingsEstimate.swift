/// How much of the objective was saved against the declared configurations, by one method.
public struct SavingsEstimate: Hashable, Codable, Sendable {
    public enum Method: String, Hashable, Codable, Sendable, CaseIterable {
        /// The declared configuration as the model replays it with the work that was measured. Steady, but biased in our
        /// favour (by 1.4 points in simulation): an estimate. The only one there is for imported history.
        case modelReplay = "model_replay"
        /// Control runs against the others. Unbiased and noisy.
        case controlArm = "control_arm"
        /// The expected objective of the declared configuration for every run, corrected by the control runs. The number
        /// to claim. (Robins, Rotnitzky and Zhao, 1994.)
        case doublyRobust = "doubly_robust"
    }

    /// Why there is no number.
    public enum Refusal: String, Hashable, Codable, Sendable {
        /// Fewer than ``SavingsReport/fewestRuns`` runs followed a recommendation.
        case tooFewRuns = "too_few_runs"
        /// Fewer than ``SavingsReport/fewestRuns`` control runs.
        case tooFewControlRuns = "too_few_control_runs"
        /// The control runs weigh so unequally that fewer than ``SavingsReport/fewestRuns`` of equal weight would say
        /// as much.
        case smallEffectiveSample = "small_effective_sample"
    }

    public var method: Method
    /// Share of the declared objective that was saved; negative when it was more. `nil` when refused.
    public var share: Double?
    /// 95 % confidence interval of ``share``.
    public var lower: Double?
    public var upper: Double?
    /// Runs that followed a recommendation, and control runs, behind the number.
    public var runs: Int
    public var controlRuns: Int
    /// Control runs of equal weight that would say as much; 0 where no control run takes part.
    public var effectiveControlRuns: Double
    public var refusal: Refusal?
}
