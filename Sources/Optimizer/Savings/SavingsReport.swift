/// The three estimates of what was saved, always together. None compares before with after: builds change meanwhile
/// (that was off by 5 points on average in simulation, and by a third for a single pipeline).
///
/// Each share is `1 − A / B` with the mean objective `A` of the runs that followed a recommendation and an estimate `B`
/// of what the declared configurations would have taken. Intervals are 1.96 standard errors either way by the delta
/// method, from the influence of every single run on the ratio; runs count as independent.
public struct SavingsReport: Hashable, Codable, Sendable {
    public let modelReplay: SavingsEstimate
    public let controlArm: SavingsEstimate
    public let doublyRobust: SavingsEstimate
    /// Runs left out because their numbers are none.
    public let ignoredRuns: Int

    /// No number is given from fewer runs: the interval would not mean what it says.
    public static let fewestRuns = 30
    /// A control run stands for no more runs than this, however rare it was to become one.
    private static let largestWeight = 20.0
    /// 97.5 % quantile of the standard normal distribution.
    private static let quantile975 = 1.959963984540054

    public init(_ runs: [SavingsRun]) {
        let sane = runs.filter(\.isSane)
        ignoredRuns = runs.count - sane.count
        let sample = Sample(sane)
        modelReplay = Self.modelReplay(sample)
        controlArm = Self.controlArm(sample)
        doublyRobust = Self.doublyRobust(sample)
    }

    /// Runs by arm.
    private struct Sample {
        let all: [SavingsRun]
        let followed: [SavingsRun]
        let control: [SavingsRun]
        /// Mean objective of the runs that followed a recommendation.
        let mean: Double

        init(_ runs: [SavingsRun]) {
            all = runs
            followed = runs.filter { !$0.isControl }
            control = runs.filter(\.isControl)
            mean = followed.map(\.objective).mean ?? 0
        }
    }

    private static func modelReplay(_ sample: Sample) -> SavingsEstimate {
        guard sample.followed.count >= fewestRuns, let base = sample.followed.map(\.declaredFromWork).mean else {
            return refused(.modelReplay, sample, .tooFewRuns)
        }
        let ratio = sample.mean / base
        let count = Double(sample.followed.count)
        let influences = sample.followed.map { ($0.objective - ratio * $0.declaredFromWork) / base / count }
        return estimate(.modelReplay, sample, ratio: ratio, influences: influences)
    }

    private static func controlArm(_ sample: Sample) -> SavingsEstimate {
        if let refusal = refusal(sample) { return refused(.controlArm, sample, refusal) }
        guard let base = sample.control.map(\.objective).mean else {
            return refused(.controlArm, sample, .tooFewControlRuns)
        }
        let ratio = sample.mean / base
        let influences =
            sample.followed.map { ($0.objective - sample.mean) / base / Double(sample.followed.count) }
            + sample.control.map { ratio * (base - $0.objective) / base / Double(sample.control.count) }
        return estimate(.controlArm, sample, ratio: ratio, influences: influences)
    }

    private static func doublyRobust(_ sample: Sample) -> SavingsEstimate {
        if let refusal = refusal(sample) { return refused(.doublyRobust, sample, refusal) }
        let corrected = sample.all.map { run in
            run.declaredFromContext + weight(run) * (run.objective - run.declaredFromContext)
        }
        guard let base = corrected.mean, base > 0 else {
            return refused(.doublyRobust, sample, .smallEffectiveSample)
        }
        let ratio = sample.mean / base
        let influences = zip(sample.all, corrected).map { run, corrected in
            let own = run.isControl ? 0 : (run.objective - sample.mean) / Double(sample.followed.count)
            return (own - ratio * (corrected - base) / Double(sample.all.count)) / base
        }
        return estimate(.doublyRobust, sample, ratio: ratio, influences: influences)
    }

    /// How many runs a run stands for: one over the probability of what it was; 0 unless a control run.
    private static func weight(_ run: SavingsRun) -> Double {
        run.isControl ? min(largestWeight, 1 / run.controlRate) : 0
    }

    /// Kish's effective sample size of the control runs, (Σ w)² / Σ w².
    private static func effectiveControlRuns(_ sample: Sample) -> Double {
        let weights = sample.control.map(weight)
        let squares = weights.reduce(0) { $0 + $1 * $1 }
        let sum = weights.reduce(0, +)
        return squares > 0 ? sum * sum / squares : 0
    }

    private static func refusal(_ sample: Sample) -> SavingsEstimate.Refusal? {
        if sample.followed.count < fewestRuns { return .tooFewRuns }
        if sample.control.count < fewestRuns { return .tooFewControlRuns }
        // A rounding error of the sums is no reason to refuse.
        return effectiveControlRuns(sample) < Double(fewestRuns) - 1e-6 ? .smallEffectiveSample : nil
    }

    private static func refused(
        _ method: SavingsEstimate.Method, _ sample: Sample, _ refusal: SavingsEstimate.Refusal
    ) -> SavingsEstimate {
        let isControlled = method != .modelReplay
        return SavingsEstimate(
            method: method, runs: sample.followed.count, controlRuns: isControlled ? sample.control.count : 0,
            effectiveControlRuns: isControlled ? effectiveControlRuns(sample) : 0, refusal: refusal)
    }

    /// - Parameter influences: what each run moves the ratio by, summing to 0.
    private static func estimate(
        _ method: SavingsEstimate.Method, _ sample: Sample, ratio: Double, influences: [Double]
    ) -> SavingsEstimate {
        let error = influences.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let isControlled = method != .modelReplay
        return SavingsEstimate(
            method: method, share: 1 - ratio, lower: 1 - ratio - quantile975 * error,
            upper: 1 - ratio + quantile975 * error, runs: sample.followed.count,
            controlRuns: isControlled ? sample.control.count : 0,
            effectiveControlRuns: isControlled ? effectiveControlRuns(sample) : 0)
    }
}
