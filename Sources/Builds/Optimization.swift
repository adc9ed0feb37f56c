/// Bounds the caller puts on a recommendation. A bound that is absent does not bind.
public struct Constraints: Hashable, Sendable, Codable {
    public var maxJobs: Int?
    public var maxCPUMillicores: Int?
    public var minMemoryBytes: Int64?
    public var maxMemoryBytes: Int64?
    /// The run should finish within this many seconds.
    public var deadlineSeconds: Double?
    /// Accepted probability of an OOM kill per run, in (0, 0.5].
    public var oomRisk: Double?

    public init() {}
}

/// How much the caller cares for time and for cost. Only the ratio matters; both are at least 0 and not both 0.
public struct Objective: Hashable, Sendable, Codable {
    public var timeWeight: Double
    public var costWeight: Double

    public init(timeWeight: Double = 0.5, costWeight: Double = 0.5) {
        self.timeWeight = timeWeight
        self.costWeight = costWeight
    }
}

/// A question to the optimizer: size this step, knowing this, within these bounds.
public struct OptimizationRequest: Hashable, Sendable {
    public var target: StepIdentity
    public var runID: RunID?
    public var context: BuildContext
    public var constraints: Constraints
    public var objective: Objective

    public init(
        target: StepIdentity, runID: RunID? = nil, context: BuildContext = BuildContext(),
        constraints: Constraints = Constraints(), objective: Objective = Objective()
    ) {
        self.target = target
        self.runID = runID
        self.context = context
        self.constraints = constraints
        self.objective = objective
    }
}

/// Settings with what predicted them, the risk taken, and why.
public struct Recommendation: Hashable, Sendable, Codable {
    public var id: String
    /// What was asked about.
    public var target: StepIdentity
    public var runID: RunID?
    public var createdAt: Timestamp
    public var expiresAt: Timestamp

    /// The exact settings, all stated.
    public var settings: Settings
    public var baseline: Baseline?
    public var prediction: Prediction
    public var source: RecommendationSource
    public var explored: Bool
    /// Probability with which this configuration was chosen, in (0, 1]: needed to estimate savings without bias.
    public var propensity: Double
    /// 0 to 1; grows with the number of runs behind the answer.
    public var confidence: Double
    /// One sentence a person can act on.
    public var rationale: String
    public var reasons: [Reason]
    /// The guardrails that changed something, in the order they acted.
    public var guardrails: [GuardrailAction]
    /// When the target covers several known steps: what each of them needs, by step name.
    public var steps: [String: Settings]
    /// The version of the learned model that took part, or the name of the closed form.
    public var modelVersion: String

    public init(
        id: String, target: StepIdentity, runID: RunID? = nil, createdAt: Timestamp, expiresAt: Timestamp,
        settings: Settings, baseline: Baseline? = nil, prediction: Prediction, source: RecommendationSource,
        explored: Bool, propensity: Double, confidence: Double, rationale: String, reasons: [Reason],
        guardrails: [GuardrailAction], steps: [String: Settings], modelVersion: String
    ) {
        self.id = id
        self.target = target
        self.runID = runID
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.settings = settings
        self.baseline = baseline
        self.prediction = prediction
        self.source = source
        self.explored = explored
        self.propensity = propensity
        self.confidence = confidence
        self.rationale = rationale
        self.reasons = reasons
        self.guardrails = guardrails
        self.steps = steps
        self.modelVersion = modelVersion
    }
}

/// What a recommendation rests on, best first.
public enum RecommendationSource: String, Hashable, Sendable, Codable, CaseIterable {
    /// A learned model took part.
    case model
    /// Earlier runs of this step, closed form only.
    case history
    /// What other pipelines and the caller's own statements suggest.
    case prior
    /// Nothing is known: safe defaults.
    case fallback
}

/// What will happen with the recommended settings.
public struct Prediction: Hashable, Sendable, Codable {
    public var durationSecondsP50: Double?
    public var durationSecondsP90: Double?
    public var peakMemoryBytesP50: Int64?
    /// The memory quantile the limit was set from, in bytes, before guardrails.
    public var memoryLimitQuantileBytes: Int64?
    /// Probability that the limit is too small, 0 to 1.
    public var oomProbability: Double?
    public var costUSD: Double?

    public init() {}
}

/// The settings in force without InfraMind, and what they would lead to.
public struct Baseline: Hashable, Sendable, Codable {
    public var settings: Settings
    public var durationSeconds: Double?
    public var costUSD: Double?

    public init(settings: Settings, durationSeconds: Double? = nil, costUSD: Double? = nil) {
        self.settings = settings
        self.durationSeconds = durationSeconds
        self.costUSD = costUSD
    }
}

/// One reason for a recommendation: a stable code, a sentence, the numbers behind it.
public struct Reason: Hashable, Sendable, Codable {
    public var code: String
    public var text: String
    public var evidence: [String: JSONValue]

    public init(code: String, text: String, evidence: [String: JSONValue] = [:]) {
        self.code = code
        self.text = text
        self.evidence = evidence
    }
}

/// A hard rule that changed a number after the choice. `before` and `after` are in the unit the setting has on the wire:
/// GiB for memory, cores for CPU, jobs for jobs.
public struct GuardrailAction: Hashable, Sendable, Codable {
    public var name: String
    public var setting: Setting
    public var before: Double
    public var after: Double

    public enum Setting: String, Hashable, Sendable, Codable {
        case jobs, cpu, memory
    }

    public init(name: String, setting: Setting, before: Double, after: Double) {
        self.name = name
        self.setting = setting
        self.before = before
        self.after = after
    }
}

/// What happened when a step ran: the other half of a recommendation, and all that the optimizer learns from.
public struct Outcome: Hashable, Sendable, Codable {
    public var step: StepIdentity
    public var context: BuildContext
    /// Settings the step ran with.
    public var settings: Settings
    public var usage: Usage
    public var status: RunStatus
    /// Which attempt this was; 1 is the first. A retry after an OOM kill is the second.
    public var attempt: Int
    public var startedAt: Timestamp
    /// The run it is of; `nil` where nobody needs to find it again.
    public var runID: RunID?

    public init(
        step: StepIdentity, context: BuildContext, settings: Settings, usage: Usage, status: RunStatus,
        attempt: Int = 1, startedAt: Timestamp, runID: RunID? = nil
    ) {
        self.step = step
        self.context = context
        self.settings = settings
        self.usage = usage
        self.status = status
        self.attempt = attempt
        self.startedAt = startedAt
        self.runID = runID
    }
}
