import Builds

/// `POST /optimize`: size the next run.
public struct OptimizeBody: Codable, Sendable {
    public var pipeline: String
    public var context: BuildContext
    public var runID: String?
    public var stage: String?
    public var step: String?
    public var constraints: ConstraintsBody?
    public var objective: ObjectiveBody?

    enum CodingKeys: String, CodingKey {
        case pipeline, context, stage, step, constraints, objective
        case runID = "run_id"
    }

    /// Bounds of the caller. Unknown keys are ignored, as clients in the field send some of their own.
    public struct ConstraintsBody: Codable, Sendable {
        public var maxConcurrency: Double?
        public var minRAMGiB: Double?
        public var maxCPU: Double?
        public var maxMemoryGiB: Double?
        public var deadlineSeconds: Double?
        public var oomRisk: Double?

        enum CodingKeys: String, CodingKey {
            case maxConcurrency = "max_concurrency"
            case minRAMGiB = "min_ram_gb"
            case maxCPU = "max_cpu"
            case maxMemoryGiB = "max_mem_gb"
            case deadlineSeconds = "deadline_s"
            case oomRisk = "oom_risk"
        }
    }

    /// The weights of time and cost.
    public struct ObjectiveBody: Codable, Sendable {
        public var timeWeight: Double?
        public var costWeight: Double?

        enum CodingKeys: String, CodingKey {
            case timeWeight = "time_weight"
            case costWeight = "cost_weight"
        }
    }

    public init(_ request: OptimizationRequest) {
        pipeline = request.target.pipeline
        stage = request.target.stage.isEmpty ? nil : request.target.stage
        step = request.target.step.isEmpty ? nil : request.target.step
        context = request.context
        runID = request.runID?.rawValue
        let bounds = request.constraints
        constraints = ConstraintsBody(
            maxConcurrency: bounds.maxJobs.map(Double.init), minRAMGiB: bounds.minMemoryBytes.map(Units.gib(bytes:)),
            maxCPU: bounds.maxCPUMillicores.map(Units.cores(millicores:)),
            maxMemoryGiB: bounds.maxMemoryBytes.map(Units.gib(bytes:)), deadlineSeconds: bounds.deadlineSeconds,
            oomRisk: bounds.oomRisk)
        objective = ObjectiveBody(timeWeight: request.objective.timeWeight, costWeight: request.objective.costWeight)
    }

    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func request() throws(InvalidBody) -> OptimizationRequest {
        var check = BodyCheck()
        check.name(pipeline, "pipeline")
        check.name(stage, "stage")
        check.name(step, "step")
        check.name(runID, "run_id")
        context.check(&check, "context")
        check.count(constraints?.maxConcurrency, "constraints.max_concurrency", in: Bounds.jobs)
        check.number(constraints?.minRAMGiB, "constraints.min_ram_gb", in: Bounds.gib)
        check.number(constraints?.maxCPU, "constraints.max_cpu", in: Bounds.cores)
        check.number(constraints?.maxMemoryGiB, "constraints.max_mem_gb", in: (1.0 / 1024)...Bounds.gib.upperBound)
        check.number(constraints?.deadlineSeconds, "constraints.deadline_s", in: Bounds.seconds)
        check.number(constraints?.oomRisk, "constraints.oom_risk", in: 1e-6...0.5)
        if let low = constraints?.minRAMGiB, let high = constraints?.maxMemoryGiB, low > high {
            check.fail("constraints.min_ram_gb", "is larger than max_mem_gb")
        }
        check.number(objective?.timeWeight, "objective.time_weight", in: 0...1e6)
        check.number(objective?.costWeight, "objective.cost_weight", in: 0...1e6)
        let weights = Objective(timeWeight: objective?.timeWeight ?? 0.5, costWeight: objective?.costWeight ?? 0.5)
        if weights.timeWeight + weights.costWeight == 0 { check.fail("objective", "must not have both weights 0") }
        try check.finish()
        var bounds = Constraints()
        bounds.maxJobs = constraints?.maxConcurrency.map { Int($0) }
        bounds.minMemoryBytes = constraints?.minRAMGiB.map(Units.bytes(gib:))
        bounds.maxCPUMillicores = constraints?.maxCPU.map(Units.millicores(cores:))
        bounds.maxMemoryBytes = constraints?.maxMemoryGiB.map(Units.bytes(gib:))
        bounds.deadlineSeconds = constraints?.deadlineSeconds
        bounds.oomRisk = constraints?.oomRisk
        return OptimizationRequest(
            target: StepIdentity(pipeline: pipeline, stage: stage ?? "", step: step ?? ""),
            runID: runID.map { RunID($0) },
            context: context, constraints: bounds, objective: weights)
    }
}
