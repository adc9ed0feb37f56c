import Builds

extension Recommender {
    /// What the outcome of a recommendation will be compared with.
    func ticket(for plan: Plan, guarded: GuardedSettings, question: SizingQuestion) -> Ticket {
        let part = plan.largest
        let settings = guarded.settings
        // Guardrails may have taken jobs away; the prediction must be for what runs.
        let isAsPlanned = settings.jobs == part.candidate.jobs
        let prediction =
            isAsPlanned ? part.prediction : memoryPrediction(part.facts, question, jobs: [settings.jobs])
        return Ticket(
            step: part.facts.step, mode: plan.mode, propensity: plan.propensity, modelVersion: modelVersion,
            configuration: question.configuration, conditions: question.conditions, jobs: settings.jobs,
            cores: settings.cores, memoryGiB: settings.memoryGiB,
            memory: history.memory.ticket(
                for: prediction, candidate: isAsPlanned ? part.index : 0, risk: question.risk,
                capGiB: configuration.bounded.memoryCapGiB),
            declared: question.hasBaseline ? question.declared : nil, objective: part.facts.objective)
    }

    /// The ticket a run would have had if it had asked: for runs without a recommendation.
    mutating func freshTicket(for outcome: Outcome) -> Ticket {
        var context = outcome.context
        // What the run was given says nothing about what it would have had without us.
        context.lastSuccess = nil
        let question = SizingQuestion(
            target: outcome.step, context: context, constraints: Constraints(), objective: Objective(),
            risk: configuration.bounded.oomRisk)
        let facts = facts(of: outcome.step, question)
        let jobs = outcome.statedJobs ?? MemorySlopes.referenceJobs
        let prediction = memoryPrediction(facts, question, jobs: [jobs])
        let memory = history.memory.ticket(
            for: prediction, candidate: 0, risk: question.risk, capGiB: configuration.bounded.memoryCapGiB)
        return Ticket(
            step: outcome.step, mode: .observed, propensity: 1, modelVersion: modelVersion,
            configuration: question.configuration, conditions: question.conditions, jobs: jobs,
            cores: outcome.statedCores ?? jobs, memoryGiB: outcome.statedMemoryGiB ?? memory.expected,
            memory: memory, declared: question.hasBaseline ? question.declared : nil, objective: facts.objective)
    }
}
