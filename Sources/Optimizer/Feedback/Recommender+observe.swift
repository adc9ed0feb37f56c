import Builds
import Glibc

/// Learning from what happened.
extension Recommender {
    /// Learns an outcome.
    ///
    /// Attempts that finished teach everything that was measured. Attempts killed for memory raise a floor until one
    /// finishes; their peak, which is the limit, is never learned. Attempts that stopped for another reason can only
    /// raise what is expected of memory.
    ///
    /// - Parameter ticket: what ``recommend(_:id:now:using:)`` returned for the recommendation the run followed; `nil`
    ///   when there was none or it was for another step. One that does not fit the outcome is not used.
    /// - Returns: the ticket learned with. Outcomes with these tickets, learned in the same order by a new recommender,
    ///   rebuild the state.
    @discardableResult
    public mutating func observe(_ outcome: Outcome, ticket: Ticket?) -> Ticket {
        let ticket = self.ticket(for: outcome, offered: ticket)
        history.observedCount += 1
        switch outcome.ending {
        case .finished: learnFinished(outcome, ticket)
        case .oomKilled: learnKill(outcome, ticket)
        case .cutShort: learnCutShort(outcome, ticket)
        }
        if history.isPoolingDue {
            history.pool()
            fits.removeAll()
        }
        return ticket
    }

    /// The ticket an outcome is to be learned with, without learning it: for a log that is written first and learned from
    /// afterwards.
    ///
    /// - Parameter offered: as for ``observe(_:ticket:)``.
    public mutating func ticket(for outcome: Outcome, offered: Ticket?) -> Ticket {
        var ticket = offered.flatMap { $0.fits(outcome) ? $0 : nil } ?? freshTicket(for: outcome)
        ticket.step = outcome.step
        return ticket
    }

    private mutating func learnFinished(_ outcome: Outcome, _ ticket: Ticket) {
        let chain = KeyChain(step: outcome.step, configuration: ticket.configuration)
        let record = StepRecord(outcome, ticket, chain: chain)
        let before = history.steps[outcome.step]
        let models = models(of: outcome.step, before, ticket)
        let finding = findings(in: record, models: models, outcome: outcome, ticket: ticket, before: before)
        if let peak = record.peakGiB {
            var memory = ticket.memory
            // A first build is sized for the jobs it declares, before anybody knows that its timing stays unknown. Its
            // peak must be kept as those of later builds are, or they are expected far too low; see
            // `StepRecord.memoryJobs`.
            if record.timing == nil {
                memory.factor = models.memoryFactor(conditions: record.conditions, jobs: record.memoryJobs)
            }
            history.memory.observe(peak: peak, chain: chain, ticket: memory)
        }
        var alerts: [Alert] = []
        var stale: [MemoryKey] = []
        let forgotten = history.steps.update(outcome.step) { step in
            let runs = step.runCount
            if !ticket.configuration.tool.isEmpty { step.tool = ticket.configuration.tool }
            alerts += step.drift.learn(finding.residuals, runs: runs).map { $0.alert(outcome) }
            if let comparison = finding.comparison,
                step.rollback.learn(
                    comparison.candidate, objective: comparison.objective,
                    declaredObjective: comparison.declaredObjective, runs: step.timedCount)
            {
                alerts.append(.rollback(comparison.candidate, outcome))
            }
            stale = step.append(record)
            if step.oom.finished(runs: runs, risk: ticket.memory.risk) { alerts.append(.oomRate(outcome)) }
        }
        for alert in alerts { history.raise(alert) }
        history.memory.forget(stale)
        forget(forgotten)
        summarise(outcome.step, ticket)
    }

    private mutating func learnKill(_ outcome: Outcome, _ ticket: Ticket) {
        let prices = configuration.prices(pool: outcome.context.workerPool)
        forget(history.steps.update(outcome.step) { $0.oom.killed(outcome, ticket, prices: prices) })
    }

    mutating func forget(_ steps: [ForgottenStep]) {
        fits.remove(steps.map(\.step))
        for step in steps { history.memory.forget(step.keys) }
    }

    private mutating func learnCutShort(_ outcome: Outcome, _ ticket: Ticket) {
        guard let peak = outcome.peakGiB else { return }
        let chain = KeyChain(step: outcome.step, configuration: ticket.configuration)
        history.memory.raise(peak: peak, chain: chain, ticket: ticket.memory)
    }

    /// Keeps the step's coefficients for the pooling over its tool.
    private mutating func summarise(_ step: StepIdentity, _ ticket: Ticket) {
        guard let known = history.steps[step], known.runCount >= StepSummary.fewestRuns else { return }
        let summary = StepSummary(
            models: models(of: step, known, ticket), runCount: known.runCount, timedCount: known.timedCount)
        history.steps.update(step) { $0.summary = summary }
    }

    mutating func models(of step: StepIdentity, _ known: StepHistory?, _ ticket: Ticket) -> StepModels {
        fits.models(
            of: step, history: known,
            priors: history.priors(of: known?.runCount ?? 0 > 0 ? known?.tool ?? "" : ticket.configuration.tool),
            referenceSeconds: ParallelismProfile.shortestSeconds)
    }
}

// MARK: - What a finished run says about the models

extension Recommender {
    private struct Comparison {
        var candidate: Candidate
        var objective: Double
        var declaredObjective: Double
    }

    private struct Judgement {
        var residuals: [DriftWatch.Residual] = []
        var comparison: Comparison?
    }

    /// Judges the models before the run, not those that have learned it.
    private func findings(
        in record: StepRecord, models: StepModels, outcome: Outcome, ticket: Ticket, before: StepHistory?
    ) -> Judgement {
        guard let before, before.runCount >= DriftWatch.fewestRuns else { return Judgement() }
        return Judgement(
            residuals: DriftWatch.residuals(of: record, models: models),
            comparison: before.timedCount >= DriftWatch.fewestRuns
                ? comparison(of: outcome, record, models: models, ticket: ticket, oom: before.oom) : nil)
    }

    /// The run's objective against the one predicted for the declared configuration from the work that was measured.
    private func comparison(
        of outcome: Outcome, _ record: StepRecord, models: StepModels, ticket: Ticket, oom: OOMWatch
    ) -> Comparison? {
        guard let timing = record.timing, let declared = ticket.declared else { return nil }
        let candidate = Candidate(jobs: record.jobs, cores: timing.cores)
        guard candidate != declared.candidate else { return nil }
        let work = timing.workSeconds * models.workRatio(from: candidate, to: declared.candidate)
        return Comparison(
            candidate: candidate, objective: objective(of: outcome, timing, ticket: ticket, oom: oom),
            declaredObjective: objective(
                of: declared, workSeconds: work, models: models, ticket: ticket, pool: outcome.context.workerPool))
    }
}

extension StepModels {
    /// How much more work a step does at other jobs and cores.
    func workRatio(from: Candidate, to: Candidate) -> Double {
        let before = WorkModel.parallelismColumns(jobs: from.jobs, cores: from.cores)
        let after = WorkModel.parallelismColumns(jobs: to.jobs, cores: to.cores)
        let coefficients = work.coefficients.suffix(2).map { $0 }
        return exp(
            (after.linear - before.linear) * coefficients[0] + (after.square - before.square) * coefficients[1])
    }
}

extension OOMWatch {
    mutating func killed(_ outcome: Outcome, _ ticket: Ticket, prices: Prices) {
        let limit = outcome.statedMemoryGiB ?? outcome.peakGiB ?? (ticket.mode == .observed ? nil : ticket.memoryGiB)
        let seconds = outcome.wallSeconds ?? 0
        let price = prices.perSecond(
            cores: outcome.statedCores ?? ticket.cores, memoryGiB: limit ?? ticket.memoryGiB)
        killed(limitGiB: limit, seconds: seconds, dollars: seconds * price)
    }
}

extension Ticket {
    /// True when the ticket is for what ran: the same step (or none, from before the step was known), the same jobs.
    func fits(_ outcome: Outcome) -> Bool {
        guard step.pipeline == outcome.step.pipeline, outcome.statedJobs ?? jobs == jobs else { return false }
        return step == outcome.step || (step.step.isEmpty && (step.stage.isEmpty || step.stage == outcome.step.stage))
    }
}
