import Builds

/// The answer of `POST /optimize`, field by field as the wire contract names them.
///
/// `suggestions` is rounded for clients that convert to integers; the exact values live in `limits`.
public struct OptimizeAnswer: Codable, Sendable {
    public struct Suggestions: Codable, Sendable {
        public var concurrency: Int
        public var cpu_req: JSONValue
        /// Whole GiB, rounded up.
        public var mem_req_gb: Int
        public var cache: Cache
    }

    public struct Cache: Codable, Sendable {
        public var ccache: Bool
        public var size_gb: JSONValue
    }

    public struct Predicted: Codable, Sendable {
        public var duration_s: Quantiles?
        public var peak_memory_gb: MemoryQuantiles?
        public var oom_probability: Double?
        public var cost_usd: Double?
    }

    public struct Quantiles: Codable, Sendable {
        public var p50: Double?
        public var p90: Double?
    }

    public struct MemoryQuantiles: Codable, Sendable {
        public var p50: Double?
        public var limit_quantile: Double?
    }

    public struct BaselineAnswer: Codable, Sendable {
        public var concurrency: Int?
        public var cpu_req: Double?
        public var mem_req_gb: Double?
        public var predicted_duration_s: Double?
        public var cost_usd: Double?
    }

    public struct Limits: Codable, Sendable {
        public var cpu: Double
        public var mem_gb: Double
    }

    public struct StepAnswer: Codable, Sendable {
        public var concurrency: Int?
        public var cpu: Double?
        public var mem_gb: Double?
    }

    public var suggestions: Suggestions
    public var rationale: String
    public var confidence: Double
    public var recommendation_id: String
    public var mode: String
    public var source: RecommendationSource
    public var explored: Bool
    public var propensity: Double
    public var predicted: Predicted
    public var baseline: BaselineAnswer?
    public var limits: Limits
    public var steps: [String: StepAnswer]
    public var reasons: [Reason]
    public var guardrails: [GuardrailAction]
    public var model_version: String
    public var expires_at: String

    public init(_ recommendation: Recommendation, mode: String) {
        let settings = recommendation.settings
        // The optimizer states every setting; these stand in only if a future one does not.
        let cores = Units.cores(millicores: settings.cpuMillicores ?? 1000)
        let gib = Units.gib(bytes: settings.memoryBytes ?? Units.bytes(gib: 2))
        suggestions = Suggestions(
            concurrency: settings.jobs ?? 1, cpu_req: .number(cores), mem_req_gb: max(1, Int(gib.rounded(.up))),
            cache: Cache(
                ccache: settings.cache?.isEnabled ?? true, size_gb: .number(settings.cache?.sizeGiB ?? 10)))
        rationale = recommendation.rationale
        confidence = recommendation.confidence
        recommendation_id = recommendation.id
        self.mode = mode
        source = recommendation.source
        explored = recommendation.explored
        propensity = recommendation.propensity
        let prediction = recommendation.prediction
        predicted = Predicted(
            duration_s: prediction.durationSecondsP50.map { Quantiles(p50: $0, p90: prediction.durationSecondsP90) },
            peak_memory_gb: MemoryQuantiles(
                p50: prediction.peakMemoryBytesP50.map(Units.gib(bytes:)),
                limit_quantile: prediction.memoryLimitQuantileBytes.map(Units.gib(bytes:))),
            oom_probability: prediction.oomProbability, cost_usd: prediction.costUSD)
        baseline = recommendation.baseline.map {
            BaselineAnswer(
                concurrency: $0.settings.jobs, cpu_req: $0.settings.cpuMillicores.map(Units.cores(millicores:)),
                mem_req_gb: $0.settings.memoryBytes.map(Units.gib(bytes:)), predicted_duration_s: $0.durationSeconds,
                cost_usd: $0.costUSD)
        }
        limits = Limits(cpu: cores, mem_gb: gib)
        steps = recommendation.steps.mapValues {
            StepAnswer(
                concurrency: $0.jobs, cpu: $0.cpuMillicores.map(Units.cores(millicores:)),
                mem_gb: $0.memoryBytes.map(Units.gib(bytes:)))
        }
        reasons = recommendation.reasons
        guardrails = recommendation.guardrails
        model_version = recommendation.modelVersion
        expires_at = recommendation.expiresAt.rfc3339
    }

    /// The exact settings the answer recommends.
    public var settings: Settings {
        Settings(
            jobs: suggestions.concurrency, cpuMillicores: Units.millicores(cores: limits.cpu),
            memoryBytes: Units.bytes(gib: limits.mem_gb),
            cache: CompilerCache(
                isEnabled: suggestions.cache.ccache, sizeGiB: suggestions.cache.size_gb.numberValue ?? 10))
    }
}
