import Builds
import Glibc

/// What is known of one step when a question about it comes.
struct StepFacts: Sendable {
    let step: StepIdentity
    let history: StepHistory?
    let chain: KeyChain
    let models: StepModels
    let conditions: BuildConditions
    let objective: ObjectiveRates

    /// Finished runs, and those of them with known timing.
    var runCount: Int { history?.runCount ?? 0 }
    var timedCount: Int { history?.timedCount ?? 0 }

    /// CPU seconds to expect; none when durations are unknown.
    func expectedWorkSeconds(_ candidate: Candidate) -> Double {
        timedCount > 0 ? models.expectedWorkSeconds(conditions: conditions, candidate) : 0
    }

    /// Longer than any build, seconds: 30 years.
    private static let longestSeconds = 1e9

    /// Seconds at the median, and what nine of ten runs stay below.
    func durationSeconds(_ candidate: Candidate) -> (p50: Double, p90: Double) {
        let work = models.medianWorkSeconds(conditions: conditions, candidate)
        let median = models.durationSeconds(candidate, workSeconds: work).clamped(to: 0...Self.longestSeconds)
        let deviation = models.logDurationDeviation(conditions: conditions, candidate)
        let slow = median * exp(StandardNormal.quantile90 * deviation)
        return (median, slow.clamped(to: median...Self.longestSeconds))
    }
}

/// What one step should get, before the guardrails.
struct StepPlan: Sendable {
    let facts: StepFacts
    var mode: DecisionMode
    var propensity = 1.0
    var candidate: Candidate
    var memoryGiB: Double
    /// Risk that ``memoryGiB`` was set for; `nil` when the memory was declared.
    var risk: Double?
    var prediction: MemoryPrediction
    /// Index of ``candidate`` in the prediction.
    var index = 0
    /// Jobs of the first candidate in the prediction.
    var referenceJobs: Double
    /// Candidates that were compared.
    var candidateCount = 1
    /// True when no candidate is expected to meet the caller's deadline.
    var missesDeadline = false
    /// The candidate that looks best, when candidates were compared.
    var best: Candidate?
    /// How much worse than the best the choice is expected to be, as a share of the best's objective.
    var expectedLoss = 0.0

    var expectedPeakGiB: Double { prediction.expected[index] }
}

/// What a question's steps should get together, before the guardrails.
struct Plan: Sendable {
    /// The step whose work decides about jobs and CPU.
    var lead: StepPlan
    /// Every covered step at the jobs and cores of the lead; the lead alone, when there is only one.
    var parts: [StepPlan]
    /// What each step would get alone, when there are several.
    var alone: [StepPlan] = []
    /// Index of the part that needs the most memory.
    let largestIndex: Int

    init(lead: StepPlan, parts: [StepPlan], alone: [StepPlan] = []) {
        self.lead = lead
        self.parts = parts
        self.alone = alone
        largestIndex = parts.indices.max { parts[$0].memoryGiB < parts[$1].memoryGiB } ?? 0
    }

    /// The part that needs the most memory.
    var largest: StepPlan { parts[largestIndex] }
    var mode: DecisionMode { lead.mode }
    var propensity: Double { lead.propensity }
    var candidate: Candidate { lead.candidate }
}
