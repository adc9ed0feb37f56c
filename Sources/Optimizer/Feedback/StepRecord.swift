import Builds

/// One finished run of a step, as the regressions of the step see it.
struct StepRecord: Hashable, Codable, Sendable {
    /// What the duration model needs; a run whose jobs, cores, wall time or CPU time are unknown has none.
    struct Timing: Hashable, Codable, Sendable {
        var cores: Double
        var wallSeconds: Double
        var workSeconds: Double
    }

    var conditions: BuildConditions
    /// Jobs it ran with; the jobs the prediction was made for when the run did not say.
    var jobs: Double
    var timing: Timing?
    /// `nil` when memory could not be measured.
    var peakGiB: Double?
    /// Jobs as far as memory is concerned. Where timing is unknown jobs are never chosen by us but given, and the memory
    /// keys already tell configurations apart; a slope on top would be guessed.
    var memoryJobs: Double { timing == nil ? MemorySlopes.referenceJobs : jobs }
    /// Memory keys that belong to the step alone, finest first.
    var keys: [MemoryKey]
    /// When it began, by the clock of who reported it; only ever shown, never computed with.
    var startedAt: Timestamp?
}

extension StepRecord {
    /// - Parameter chain: of the ticket's configuration.
    init(_ outcome: Outcome, _ ticket: Ticket, chain: KeyChain) {
        self.init(
            conditions: ticket.conditions, jobs: outcome.statedJobs ?? ticket.jobs, timing: outcome.timing,
            peakGiB: outcome.peakGiB, keys: Array(chain.ownKeys), startedAt: outcome.startedAt)
    }
}
