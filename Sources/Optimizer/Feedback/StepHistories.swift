import Builds

/// The steps of a tenant. At most ``capacity`` are at hand, and of one pipeline at most ``pipelineCapacity``: those that
/// ran longest ago are put aside. A pipeline that names its steps after their runs therefore pushes out its own only.
///
/// Of a step put aside only the name stays. Its lessons are in the store, and bring it back when it is asked for or runs
/// again: see ``RecalledStep``.
struct StepHistories: Hashable, Sendable {
    static let capacity = 5000
    /// A fifth of all; a pipeline of more real steps than this is beyond anything a CI shows in one place.
    static let pipelineCapacity = capacity / 5
    /// Names of steps put aside; about 200 bytes each.
    static let parkedCapacity = 200_000

    private var steps = BoundedMap<StepIdentity, StepHistory>(capacity: capacity)
    /// The steps of each pipeline; follows from ``steps``.
    private var pipelines = StepsByPipeline()
    /// Steps put aside; the value says nothing.
    private var parked = BoundedMap<StepIdentity, Bool>(capacity: parkedCapacity)
    private var parkedPipelines = StepsByPipeline()

    var count: Int { steps.count }
    var parkedCount: Int { parked.count }

    /// The fitted steps with their tools, in the order of their last run.
    var summaries: [(tool: String, summary: StepSummary)] {
        steps.compactMapByRecency { step in step.summary.map { (step.tool, $0) } }
    }

    subscript(step: StepIdentity) -> StepHistory? { steps[step] }

    func isParked(_ step: StepIdentity) -> Bool { parked[step] != nil }

    /// Changes the history of `step`, which begins empty.
    ///
    /// - Returns: steps that were put aside to make room.
    @discardableResult
    mutating func update(_ step: StepIdentity, _ change: (inout StepHistory) -> Void) -> [ForgottenStep] {
        let surplus = surplus(making: step)
        steps.remove(surplus.map(\.step))
        let evicted = steps.update(step, default: StepHistory(), change)
        pipelines.insert(step)
        unpark([step])
        // Where the tenant has many steps, the memory keys of a forgotten one stay as long as there is room for them.
        let forgotten = surplus + evicted.map { ForgottenStep(step: $0.key, keys: []) }
        for forgotten in forgotten {
            pipelines.remove(forgotten.step)
            park(forgotten.step)
        }
        return forgotten
    }

    private mutating func park(_ step: StepIdentity) {
        parkedPipelines.insert(step)
        for (lost, _) in parked.update(step, default: true, { _ in }) { parkedPipelines.remove(lost) }
    }

    private mutating func unpark(_ steps: [StepIdentity]) {
        for step in steps where parked[step] != nil { parkedPipelines.remove(step) }
        parked.remove(steps)
    }

    /// Shows a step put aside for the moment, as if it had run longest ago; nothing makes room for it.
    mutating func lend(_ history: StepHistory, for step: StepIdentity) {
        steps.lend(history, for: step)
        pipelines.insert(step)
    }

    /// Ends ``lend(_:for:)``.
    mutating func takeBack(_ step: StepIdentity) {
        steps.remove([step])
        pipelines.remove(step)
    }

    /// The steps of a pipeline that go when one more comes: a tenth of its share at once, for sorting takes time.
    private func surplus(making step: StepIdentity) -> [ForgottenStep] {
        guard steps[step] == nil, case let known = pipelines[step.pipeline], known.count >= Self.pipelineCapacity
        else {
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
        let known = pipelines[target.pipeline].filter { step in
            (target.stage.isEmpty || step.stage == target.stage) && (steps[step]?.runCount ?? 0) > 0
        }
        return known.sorted { steps.recency(of: $0) > steps.recency(of: $1) }
            .prefix(limit)
            .sorted { ($0.stage, $0.step) < ($1.stage, $1.step) }
    }
}

extension StepHistories {
    /// The steps put aside that a target names, as ``covered(by:limit:)`` does. Only as many as `limit` leaves room for
    /// beside those at hand, which ran later; in a fixed order.
    func parked(coveredBy target: StepIdentity, limit: Int) -> [StepIdentity] {
        if !target.step.isEmpty { return isParked(target) ? [target] : [] }
        let room = limit - covered(by: target, limit: limit).count
        guard room > 0 else { return [] }
        return parkedPipelines[target.pipeline].filter { target.stage.isEmpty || $0.stage == target.stage }
            .sorted { parked.recency(of: $0) > parked.recency(of: $1) }
            .prefix(room)
            .sorted { ($0.stage, $0.step) < ($1.stage, $1.step) }
    }
}

/// Which steps a pipeline has.
private struct StepsByPipeline: Hashable, Sendable {
    private var steps: [String: Set<StepIdentity>] = [:]

    subscript(pipeline: String) -> Set<StepIdentity> { steps[pipeline] ?? [] }

    mutating func insert(_ step: StepIdentity) { steps[step.pipeline, default: []].insert(step) }

    mutating func remove(_ step: StepIdentity) {
        steps[step.pipeline]?.remove(step)
        if steps[step.pipeline]?.isEmpty == true { steps[step.pipeline] = nil }
    }
}

/// A step whose history was put aside, with the memory keys that must go with it.
struct ForgottenStep: Hashable, Sendable {
    var step: StepIdentity
    var keys: [MemoryKey]
}

extension StepHistories: Codable {
    private enum CodingKeys: String, CodingKey {
        case steps, parked
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        steps = try container.decode(BoundedMap<StepIdentity, StepHistory>.self, forKey: .steps)
        parked = try container.decode(BoundedMap<StepIdentity, Bool>.self, forKey: .parked)
        for step in steps.keys { pipelines.insert(step) }
        for step in parked.keys { parkedPipelines.insert(step) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(steps, forKey: .steps)
        try container.encode(parked, forKey: .parked)
    }
}
