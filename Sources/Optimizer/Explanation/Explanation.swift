import Builds
import Glibc

/// A plan in numbers and words for the person who gets it.
struct Explanation: Sendable {
    let plan: Plan
    let guarded: GuardedSettings
    let question: SizingQuestion
    let prices: Prices
    /// Finished runs the tenant has, of any step.
    let installationRuns: Int
    /// Weight of the margin expert in the limit, 0 to 1.
    let marginWeight: Double
    /// Each step's own settings, when there are several.
    let stepSettings: [String: Settings]
    /// Probability that the final limit is too small.
    let oomProbability: Double
    /// The choice, what runs without us, and the neighbours of the choice; see ``Alternative``.
    let alternatives: [Alternative]
    /// What the learned model added to the expected peak, and why; `nil` without one.
    let correction: LearnedCorrection?
    /// When the question was asked.
    let now: Timestamp
    /// Peaks of the kept runs of the step that decides about memory.
    let recentPeaks: [Peak]

    /// The memory one run had in use at most, and the jobs it ran with.
    struct Peak: Sendable {
        var jobs: Double
        var gib: Double
    }

    /// Runs of the step that decides about memory.
    var runCount: Int { plan.largest.facts.runCount }

    /// Steps whose durations are known.
    private var timedParts: [StepPlan] { plan.parts.filter { $0.facts.timedCount > 0 } }

    var prediction: Prediction {
        var prediction = Prediction()
        let duration = duration(at: guarded.candidate)
        prediction.durationSecondsP50 = duration?.p50
        prediction.durationSecondsP90 = duration?.p90
        prediction.peakMemoryBytesP50 = Units.bytes(gib: plan.largest.expectedPeakGiB)
        if plan.largest.risk != nil {
            prediction.memoryLimitQuantileBytes = Units.bytes(gib: plan.largest.memoryGiB)
        }
        prediction.oomProbability = oomProbability
        prediction.costUSD = duration.map { $0.p50 * price(guarded.candidate, memoryGiB: guarded.settings.memoryGiB) }
        return prediction
    }

    /// What runs without us, and what that leads to; `nil` when the caller did not say.
    var baseline: Baseline? {
        guard let declared = question.declared else { return nil }
        let seconds = duration(at: declared.candidate)?.p50
        let cost = declared.memoryGiB.flatMap { memory in
            seconds.map { $0 * price(declared.candidate, memoryGiB: memory) }
        }
        return Baseline(
            settings: Settings(
                jobs: Int(declared.jobs), cpuMillicores: Units.millicores(cores: declared.cores),
                memoryBytes: declared.memoryGiB.map(Units.bytes(gib:))),
            durationSeconds: seconds, costUSD: timedParts.isEmpty ? question.statedDollars ?? cost : cost)
    }

    func source(hasTrees: Bool) -> RecommendationSource {
        if runCount > 0 { return hasTrees ? .model : .history }
        let isKnownElsewhere = installationRuns > 0
        let isStated =
            question.declared != nil || question.statedFloorGiB != nil || question.requestedMemoryGiB != nil
        return isKnownElsewhere || isStated ? .prior : .fallback
    }

    /// 0.05 when nothing is known, 0.2 when only other steps or the caller speak; with runs of its own it grows from 0.2
    /// towards 0.95 as n / (n + 5): half way after five runs, for by then the step outweighs its prior. A recent drift
    /// takes a fifth off.
    var confidence: Double {
        guard runCount > 0 else { return source(hasTrees: false) == .prior ? 0.2 : 0.05 }
        let fewest = plan.parts.map(\.facts.runCount).min() ?? runCount
        let grown = 0.2 + 0.75 * Double(fewest) / Double(fewest + 5)
        return hasDrifted ? 0.8 * grown : grown
    }

    var hasDrifted: Bool {
        plan.parts.contains { $0.facts.history?.drift.hasDrifted(runs: $0.facts.runCount) ?? false }
    }

    /// Seconds at the median and the 90 % quantile: of all covered steps one after the other where their durations are
    /// known, else what the caller states, spread as builds usually are.
    func duration(at candidate: Candidate) -> (p50: Double, p90: Double)? {
        guard !timedParts.isEmpty else {
            return question.statedSeconds.map {
                ($0, $0 * exp(StandardNormal.quantile90 * WorkModel.prior.noise))
            }
        }
        let durations = timedParts.map { $0.facts.durationSeconds(candidate) }
        return (durations.reduce(0) { $0 + $1.p50 }, durations.reduce(0) { $0 + $1.p90 })
    }

    func price(_ candidate: Candidate, memoryGiB: Double) -> Double {
        prices.perSecond(cores: candidate.cores, memoryGiB: memoryGiB)
    }

    /// The name of the step that decides about memory, or of what stands for it.
    var name: String {
        let step = plan.largest.facts.step
        return [step.step, step.stage, step.pipeline].first { !$0.isEmpty } ?? "this build"
    }
}
