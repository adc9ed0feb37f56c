import Builds
import Contract
import Foundation
import Optimizer

/// A step that was killed for want of memory: what it had, what it reached, what the next run gets.
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

    /// `OOM killed at 7.8 of 8 GiB in step link; the next run gets at least 12 GiB.`
    ///
    /// - Parameter name: whether to name the step.
    func text(naming name: Bool) -> String {
        let reached = reachedBytes.map(Self.gib)
        let limit = limitBytes.map(Self.gib)
        let amount =
            switch (reached, limit) {
            case (let reached?, let limit?): " at \(reached) of \(limit) GiB"
            case (let reached?, nil): " at \(reached) GiB"
            case (nil, let limit?): " with \(limit) GiB"
            case (nil, nil): ""
            }
        let place = name && !step.step.isEmpty ? " in step \(step.step)" : ""
        let next = nextBytes.map { "; the next run gets at least \(Self.gib($0)) GiB" } ?? ""
        return "OOM killed\(amount)\(place)\(next)."
    }

    var event: EventsAnswer.Event {
        var event = EventsAnswer.Event(
            kind: Self.kind, step: step, at: at, runID: runID, text: text(naming: true), before: nil, after: nil,
            unit: nil, runs: nil)
        event.had_gb = limitBytes.map(Units.gib(bytes:))
        event.reached_gb = reachedBytes.map(Units.gib(bytes:))
        event.next_gb = nextBytes.map(Units.gib(bytes:))
        return event
    }

    static func gib(_ bytes: Int64) -> String { rounded(Units.gib(bytes: bytes)) }

    /// One decimal below a hundred, and none that is zero.
    static func rounded(_ number: Double) -> String {
        let text = String(format: number < 99.95 ? "%.1f" : "%.0f", number)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
