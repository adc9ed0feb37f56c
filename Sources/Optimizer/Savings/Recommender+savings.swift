import Builds

extension Recommender {
    /// How far a single run may be off the model, either way: beyond, it says something about the machine of the day.
    private static var plausibleResiduals: ClosedRange<Double> { 0.5...2 }

    /// What a finished run says about savings. Ask *before* the outcome is learned: the models must not know it yet.
    ///
    /// - Parameters:
    ///   - outcome: of the attempt that finished.
    ///   - ticket: of the recommendation it followed.
    /// - Returns: `nil` for a run that did not finish, followed no recommendation, or whose step has no declared
    ///   baseline or no earlier run with known timing.
    public mutating func savingsRun(of outcome: Outcome, ticket: Ticket) -> SavingsRun? {
        guard outcome.ending == .finished, ticket.mode != .observed, ticket.fits(outcome),
            let timing = outcome.timing, let declared = ticket.declared,
            let known = history.steps[outcome.step], known.timedCount > 0
        else { return nil }
        let models = models(of: outcome.step, known, ticket)
        let pool = outcome.context.workerPool
        let candidate = Candidate(jobs: outcome.statedJobs ?? ticket.jobs, cores: timing.cores)
        let replayed = timing.workSeconds * models.workRatio(from: candidate, to: declared.candidate)
        let modelled = max(
            ParallelismProfile.shortestSeconds,
            models.durationSeconds(candidate, workSeconds: timing.workSeconds))
        let residual = (timing.wallSeconds / modelled).clamped(to: Self.plausibleResiduals)
        let expected = models.expectedWorkSeconds(conditions: ticket.conditions, declared.candidate)
        let isControl = ticket.mode == .control
        return SavingsRun(
            objective: objective(of: outcome, timing, ticket: ticket, oom: known.oom),
            declaredFromWork: residual
                * objective(of: declared, workSeconds: replayed, models: models, ticket: ticket, pool: pool),
            declaredFromContext: objective(
                of: declared, workSeconds: expected, models: models, ticket: ticket, pool: pool),
            isControl: isControl,
            controlRate: isControl ? ticket.propensity : configuration.bounded.controlRate)
    }
}
