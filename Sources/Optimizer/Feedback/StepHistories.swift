import Builds

/// The steps of a tenant. At most ``capacity``: those that ran longest ago go first.
struct StepHistories: Hashable, Sendable {
    static let capacity = 5000

    private var steps = BoundedMap<StepIdentity, StepHistory>(capacity: capacity)
    /// The steps of each pipeline; follows from ``steps``.
    private var pipelines: [String: Set<StepIdentity>] = [:]

    /// In the order of their last run.
    var all: [StepHistory] { steps.valuesByRecency }

    subscript(step: StepIdentity) -> StepHistory? { steps[step] }

    /// Changes the history of `step`, which begins empty.
    ///
    /// - Returns: steps that were forgotten to make room.
    @discardableResult
    mutating func update(_ step: StepIdentity, _ change: (inout StepHistory) -> Void) -> [StepIdentity] {
        let evicted = steps.update(step, default: StepHistory(), change)
        pipelines[step.pipeline, default: []].insert(step)
        for step in evicted {
            pipelines[step.pipeline]?.remove(step)
            if pipelines[step.pipeline]?.isEmpty == true { pipelines[step.pipeline] = nil }
        }
        return evicted
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
