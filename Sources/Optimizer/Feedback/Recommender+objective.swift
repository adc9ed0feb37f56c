import Builds

/// What runs cost the caller, in the units of a mean run.
extension Recommender {
    /// The objective of a run that finished, attempts lost to OOM kills included.
    func objective(of outcome: Outcome, _ timing: StepRecord.Timing, ticket: Ticket, oom: OOMWatch) -> Double {
        let price = configuration.prices(pool: outcome.context.workerPool)
            .perSecond(cores: timing.cores, memoryGiB: ticket.memoryGiB)
        return ticket.objective.perSecond * (timing.wallSeconds + oom.lostSeconds)
            + ticket.objective.perDollar * (timing.wallSeconds * price + oom.lostDollars)
    }

    /// The objective predicted for the declared configuration.
    ///
    /// - Parameter workSeconds: CPU seconds at that configuration.
    func objective(
        of declared: DeclaredSettings, workSeconds: Double, models: StepModels, ticket: Ticket, pool: String?
    ) -> Double {
        let seconds = max(
            ParallelismProfile.shortestSeconds, models.durationSeconds(declared.candidate, workSeconds: workSeconds))
        let price = configuration.prices(pool: pool).perSecond(
            cores: declared.cores, memoryGiB: declared.memoryGiB ?? ticket.memoryGiB)
        return seconds * (ticket.objective.perSecond + ticket.objective.perDollar * price)
    }
}
