import Builds

/// The steps of a tenant. At most ``capacity``, and of one pipeline at most ``pipelineCapacity``: those that ran longest
/// ago go first. A pipeline that names its steps after their runs therefore pushes out its own only.
struct StepHistories: Hashable, Sendable {
    static let capacity = 5000
    /// A fifth of all; a pipeline of more real steps than this is beyond anything a CI shows in one place.
    static let pipelineCapacity = capacity / 5

    private var steps = BoundedMap<StepIdentity, StepHistory>(capacity: capacity)
    /// The steps of each pipeline; follows from ``steps``.
    private var pipelines: [String: Set<StepIdentity>] = [:]

    var count: Int { steps.count }

    /// The fitted steps with their tools, in the order of their last run.
    var summaries: [(tool: String, summary: StepSummary)] {
        steps.compactMapByRecency { step in step.summary.map { (step.tool, $0) } }
    }

    subscript(step: StepIdentity) -> StepHistory? { steps[step] }

    /// Changes the history of `step`, which begins empty.
    ///
    /// - Returns: steps that were forgotten to make room.
    @discardableResult
    mutating func update(_ step: StepIdentity, _ change: (inout StepHistory) -> Void) -> [ForgottenStep] {
        let surplus = surplus(making: step)
        steps.remove(surplus.map(\.step))
        let evicted = steps.update(step, default: StepHistory(), change)
        pipelines[step.pipeline, default: []].insert(step)
        // Where the tenant has many steps, the memory keys of a forgotten one stay as long as there is room for them.
        let forgotten = surplus + evicted.map { ForgottenStep(step: $0.key, keys: []) }
        for forgotten in forgotten {
            let pipeline = forgotten.step.pipeline
            pipelines[pipeline]?.remove(forgotten.step)
            if pipelines[pipeline]?.isEmpty == true { pipelines[pipeline] = nil }
        }
        return forgotten
    }

    /// The steps of a pipeline that go when one more comes: a tenth of its share at once, for sorting takes time.
    private func surplus(making step: StepIdentity) -> [ForgottenStep] {
        guard steps[step] == nil, let known = pipelines[step.pipeline], known.count >= Self.pipelineCapacity else {
            return []
        }
        return known.map { (step: $0, recency: steps.recency(of: $0)) }.sorted { $0.recency < $1.recency }
            .prefix(Self.pipelineCapacity / 10)
            .map { ForgottenStep(step: $0.step, keys: steps[$0.step]?.keys.elements ?? []) }
    }

    /// The steps that finished before and that a target names: itself, those of its stage when it names no step, those
    /// of its pipeline when it names no stage either. In a fixed order.
    ///
    /// - Parameter limit: of more steps, those that ran last.
    func covered(by target: StepIdentity, limit: Int) -> [StepIdentity] {
        if !target.step.isEmpty { return steps[target].map { $0.runCount > 0 ? [target] : [] } ?? [] }
        let known = (pipelines[target.pipeline] ?? []).filter { step in
            (target.stage.isEmpty || step.stage == target.stage) && (steps[step]?.runCount ?? 0) > 0
        }
        return known.sorted { steps.recency(of: $0) > steps.recency(of: $1) }
            .prefix(limit)
            .sorted { ($0.stage, $0.step) < ($1.stage, $1.step) }
    }
}

/// A step whose history was dropped, with the memory keys that must go with it.
struct ForgottenStep: Hashable, Sendable {
    var step: StepIdentity
    var keys: [MemoryKey]
}

extension StepHistories: Codable {
    init(from decoder: any Decoder) throws {
        steps = try decoder.singleValueContainer().decode(BoundedMap<StepIdentity, StepHistory>.self)
        for step in steps.keys { pipelines[step.pipeline, default: []].insert(step) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(steps)
    }
}
