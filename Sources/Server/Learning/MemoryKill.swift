import Builds
import Contract
import Optimizer

/// A step that was killed for want of memory: what it had, what it reached, what the next run gets. Told in one sentence, the
/// same on a page, in a message and in an event.
///
/// The same from the step itself, while its build may still hang, as from the lesson that is learned when the run is over.
struct MemoryKill: Hashable, Sendable {
    static let kind = "oom_kill"

    var step: StepIdentity
    var runID: RunID
    /// When it was, as far as is known: the step's end, else its beginning.
    var at: Timestamp
    /// `nil` where nobody said.
    var limitBytes: Int64?
    var reachedBytes: Int64?

    /// - Returns: `nil` for an outcome of another kind.
    init?(_ outcome: Outcome, of run: RunID) {
        guard outcome.status == .oomKilled || (outcome.usage.oomKills ?? 0) > 0 else { return nil }
        step = outcome.step
        runID = run
        at = outcome.startedAt
        limitBytes = outcome.settings.memoryBytes
        reachedBytes = outcome.usage.sizingPeakBytes
    }

    /// - Returns: `nil` for a step of which no kill was counted: exit status 137 alone proves nothing.
    init?(_ step: Step, of run: Run) {
        guard let stop = step.stop, (stop.usage.oomKills ?? 0) > 0 else { return nil }
        self.step = StepIdentity(pipeline: run.pipeline, stage: step.stage, step: step.step)
        runID = run.id
        at = stop.stoppedAt
        limitBytes = stop.settings.memoryBytes ?? run.requested.memoryBytes
        reachedBytes = stop.usage.sizingPeakBytes
    }

    /// The guardrail `oom_floor`, until a run finishes.
    private var nextBytes: Int64? {
        (limitBytes ?? reachedBytes).flatMap { $0 > 0 ? Recommender.memoryFloorBytes(afterKillAt: $0) : nil }
    }

    /// How much of where it was is said.
    enum Naming: Hashable, Sendable {
        /// Who reads it knows.
        case nothing
        case step
        case stepAndPipeline
    }

    /// `OOM killed at 7.8 of 8 GiB in step link; the next run gets at least 12 GiB.`
    ///
    /// - Parameter next: what the step gets now, where that was asked: `; the next run gets 12 GiB.`
    func text(naming: Naming, next: Int64? = nil) -> String {
        let given =
            next.map { "; the next run gets \(Figures.memory($0))" }
            ?? nextBytes.map { "; the next run gets at least \(Figures.memory($0))" }
        return "\(title(naming: naming))\(given ?? "")."
    }

    /// `OOM killed at 7.8 of 8 GiB in step link`
    func title(naming: Naming) -> String {
        let place =
            switch naming {
            case .nothing: ""
            case .step: Self.place(step)
            case .stepAndPipeline: " in \(Self.name(step)) of \(step.pipeline)"
            }
        return "OOM killed\(amount)\(place)"
    }

    private var amount: String {
        switch (reachedBytes, limitBytes) {
        case (let reached?, let limit?):
            // The page cache of a moment may count beyond the limit.
            let (peak, most) = (Figures.memory(limit > 0 ? min(reached, limit) : reached), Figures.memory(limit))
            let unit = most.suffix(4)
            return " at \(peak.hasSuffix(unit) ? String(peak.dropLast(unit.count)) : peak) of \(most)"
        case (let reached?, nil): return " at \(Figures.memory(reached))"
        case (nil, let limit?): return " at its limit of \(Figures.memory(limit))"
        case (nil, nil): return ""
        }
    }

    /// ` in step link`; nothing for a whole run.
    static func place(_ step: StepIdentity) -> String {
        step.stage.isEmpty && step.step.isEmpty ? "" : " in \(name(step))"
    }

    /// `step link`, `stage build`, `the whole run`.
    static func name(_ step: StepIdentity) -> String {
        if !step.step.isEmpty { return "step \(step.step)" }
        return step.stage.isEmpty ? "the whole run" : "stage \(step.stage)"
    }

    var event: EventsAnswer.Event {
        var event = EventsAnswer.Event(
            kind: Self.kind, step: step, at: at, runID: runID, text: text(naming: .step), before: nil, after: nil,
            unit: nil, runs: nil)
        event.had_gb = limitBytes.map(Units.gib(bytes:))
        event.reached_gb = reachedBytes.map(Units.gib(bytes:))
        event.next_gb = nextBytes.map(Units.gib(bytes:))
        return event
    }
}
