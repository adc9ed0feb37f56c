import Builds

/// An outcome that was learned, and the ticket it was learned with.
public struct PastLesson: Sendable {
    public var outcome: Outcome
    public var ticket: Ticket

    public init(outcome: Outcome, ticket: Ticket) {
        self.outcome = outcome
        self.ticket = ticket
    }
}

/// A step that was put aside, rebuilt from its newest lessons: a function of them alone, so every server that reads the
/// same lessons finds the same.
///
/// What forgets slowly comes back as it was but for what lies further back than ``lessons``. Drift and comparisons with
/// the declared configuration begin anew: a step that was put aside has not run for long.
struct RecalledStep: Sendable {
    /// Newest lessons that are read: as many as a key's window of peaks. The running mean of a key then differs from the
    /// one that was forgotten by less than a thousandth (0.85^50), its variance by a tenth (0.95^50).
    static let lessons = KeyStatistics.windowLength

    let step: StepIdentity
    private(set) var history = StepHistory()
    private(set) var keys: [MemoryKey: KeyStatistics] = [:]

    /// - Parameters:
    ///   - lessons: of this step, oldest first.
    ///   - priors: of a tool.
    ///   - prices: of a pool.
    init(
        _ step: StepIdentity, lessons: [PastLesson], priors: (String) -> StepPriors, prices: (String?) -> Prices
    ) {
        self.step = step
        var finished: [(record: StepRecord, memory: MemoryTicket, peak: Double)] = []
        for lesson in lessons.suffix(Self.lessons) where lesson.outcome.step == step {
            let (outcome, ticket) = (lesson.outcome, lesson.ticket)
            let chain = KeyChain(step: step, configuration: ticket.configuration)
            switch outcome.ending {
            case .oomKilled: history.oom.killed(outcome, ticket, prices: prices(outcome.context.workerPool))
            case .cutShort:
                guard let peak = outcome.peakGiB, peak > ticket.memory.expected else { continue }
                finished.append((StepRecord(outcome, ticket, chain: chain), ticket.memory, peak))
            case .finished:
                let record = StepRecord(outcome, ticket, chain: chain)
                if !ticket.configuration.tool.isEmpty { history.tool = ticket.configuration.tool }
                if let peak = record.peakGiB { finished.append((record, ticket.memory, peak)) }
                let runs = history.runCount
                history.append(record)
                _ = history.oom.finished(runs: runs, risk: ticket.memory.risk)
            }
        }
        learn(finished, priors: priors)
    }

    /// Peaks of runs without timing are normalised as `Recommender.observe` does it, with one fit for all of them.
    private mutating func learn(
        _ finished: [(record: StepRecord, memory: MemoryTicket, peak: Double)], priors: (String) -> StepPriors
    ) {
        let models =
            finished.contains { $0.record.timing == nil }
            ? StepModels(
                records: history.records.elements, priors: priors(history.tool),
                referenceSeconds: ParallelismProfile.shortestSeconds) : nil
        for (record, memory, peak) in finished {
            let given = record.timing == nil ? models : nil
            let factor =
                given?.memoryFactor(conditions: record.conditions, jobs: record.memoryJobs) ?? memory.factor
            let peak = peak.clamped(to: MemoryModel.plausiblePeaksGiB)
            for key in record.keys {
                keys[key, default: KeyStatistics()].learn(
                    peak: peak / factor, error: (peak - memory.expected) / factor)
            }
        }
    }
}

extension Recommender {
    /// Lessons that ``recall(_:lessons:)`` makes use of: the newest ones of a step.
    public static var lessonsPerRecall: Int { RecalledStep.lessons }

    /// True when the step was put aside to make room: before its next outcome is learned it must be recalled.
    public func isParked(_ step: StepIdentity) -> Bool { history.steps.isParked(step) }

    /// Steps put aside that a question about `target` would cover.
    public func parkedSteps(coveredBy target: StepIdentity) -> [StepIdentity] {
        history.steps.parked(coveredBy: target, limit: Self.mostSteps)
    }

    /// Brings a step back that was put aside; others may be put aside for it. Does nothing for a step at hand.
    ///
    /// - Parameter lessons: the newest of the step before now, oldest first.
    public mutating func recall(_ step: StepIdentity, lessons: [PastLesson]) {
        guard isParked(step) else { return }
        let recalled = recalled(step, lessons)
        history.memory.recall(recalled.keys)
        forget(history.steps.update(step) { $0 = recalled.history })
    }

    private func recalled(_ step: StepIdentity, _ lessons: [PastLesson]) -> RecalledStep {
        RecalledStep(
            step, lessons: lessons, priors: { history.priors(of: $0) },
            prices: { configuration.prices(pool: $0) })
    }

    /// ``recommend(_:id:now:using:)`` with steps brought back for this answer only. Asking changes nothing of what was
    /// learned, not even which steps are at hand.
    ///
    /// - Parameter parked: steps of ``parkedSteps(coveredBy:)`` with their lessons.
    public mutating func recommend(
        _ request: OptimizationRequest, recalling parked: [StepIdentity: [PastLesson]], id: String, now: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> (recommendation: Recommendation, ticket: Ticket) {
        lending(parked) { $0.recommend(request, id: id, now: now, using: &generator) }
    }

    /// ``ticket(for:offered:)`` with steps brought back for this ticket only.
    public mutating func ticket(
        for outcome: Outcome, offered: Ticket?, recalling parked: [StepIdentity: [PastLesson]]
    ) -> Ticket {
        lending(parked) { $0.ticket(for: outcome, offered: offered) }
    }

    mutating func lending<Answer>(
        _ parked: [StepIdentity: [PastLesson]], _ body: (inout Self) -> Answer
    ) -> Answer {
        var keys: [MemoryKey] = []
        var steps: [StepIdentity] = []
        for (step, lessons) in parked where isParked(step) {
            let recalled = recalled(step, lessons)
            keys += history.memory.lend(recalled.keys)
            history.steps.lend(recalled.history, for: step)
            steps.append(step)
        }
        defer {
            history.memory.forget(keys)
            for step in steps { history.steps.takeBack(step) }
            fits.remove(steps)
        }
        return body(&self)
    }
}
