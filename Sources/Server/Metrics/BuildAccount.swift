import Builds
import Optimizer

/// What one run adds to the figures of its pipeline.
struct BuildAccount: Sendable {
    var pipeline: String
    var status: RunStatus
    var durationSeconds: Double
    var endedAt: Timestamp
    var steps: [StepAccount]

    /// - Parameter steps: what the run taught, one for each attempt.
    /// - Returns: `nil` for a run that is not over.
    init?(_ run: Run, _ steps: [StepAccount]) {
        guard let completion = run.completion else { return nil }
        pipeline = run.pipeline
        status = completion.status
        durationSeconds = completion.durationSeconds
        endedAt = run.startedAt.advanced(bySeconds: completion.durationSeconds)
        self.steps = steps
    }
}
