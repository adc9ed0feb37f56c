import Builds
import Optimizer

/// What one run adds to the figures of its pipeline.
struct BuildAccount: Sendable {
    struct Step: Sendable {
        var account: StepAccount
        var usage: Usage
    }

    var pipeline: String
    var status: RunStatus
    var durationSeconds: Double
    var endedAt: Timestamp
    var steps: [Step]

    /// - Parameters:
    ///   - outcomes: what the run taught, each with the ticket it was learned with.
    /// - Returns: `nil` for a run that is not over.
    init?(_ run: Run, _ outcomes: [(outcome: Outcome, ticket: Ticket)], configuration: OptimizerConfiguration) {
        guard let completion = run.completion else { return nil }
        pipeline = run.pipeline
        status = completion.status
        durationSeconds = completion.durationSeconds
        endedAt = run.startedAt.advanced(bySeconds: completion.durationSeconds)
        steps = outcomes.map { outcome, ticket in
            Step(
                account: StepAccount(outcome, ticket, configuration: configuration), usage: outcome.usage)
        }
    }
}
