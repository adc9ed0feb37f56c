import Builds

/// Settings after the guardrails, and what the guardrails did.
struct GuardedSettings: Hashable, Sendable {
    let settings: ProposedSettings
    let actions: [GuardrailAction]
    let facts: GuardrailFacts

    var candidate: Candidate { Candidate(jobs: settings.jobs, cores: settings.cores) }

    /// The settings in the units of the outside, all stated.
    func wireSettings(cache: CompilerCache) -> Settings {
        Settings(
            jobs: Int(settings.jobs), cpuMillicores: Units.millicores(cores: settings.cores), memoryBytes: memoryBytes,
            cache: cache)
    }

    /// Rounded up to whole MiB where that keeps within what is allowed.
    private var memoryBytes: Int64 {
        let roundedGiB = (settings.memoryGiB * 1024).rounded(.up) / 1024
        let isAllowed =
            roundedGiB <= facts.bounds.memoryCeilingGiB || settings.memoryGiB > facts.bounds.memoryCeilingGiB
        return Units.bytes(gib: isAllowed ? roundedGiB : settings.memoryGiB)
    }
}

extension Recommender {
    /// Takes a plan through the guardrails.
    func applyGuardrails(to plan: Plan, question: SizingQuestion) -> GuardedSettings {
        guarded(
            ProposedSettings(
                jobs: plan.candidate.jobs, cores: plan.candidate.cores, memoryGiB: plan.largest.memoryGiB),
            parts: plan.parts, question: question)
    }

    /// Takes one step's plan through the guardrails.
    func applyGuardrails(to plan: StepPlan, question: SizingQuestion) -> GuardedSettings {
        guarded(
            ProposedSettings(jobs: plan.candidate.jobs, cores: plan.candidate.cores, memoryGiB: plan.memoryGiB),
            parts: [plan], question: question)
    }

    private func guarded(
        _ proposed: ProposedSettings, parts: [StepPlan], question: SizingQuestion
    ) -> GuardedSettings {
        let facts = GuardrailFacts(
            bounds: question.bounds, statedFloorGiB: question.statedFloorGiB,
            observedPeakGiB: parts.compactMap { part in
                part.facts.history.flatMap { history in
                    ObservedPeakGuardrail.observedPeakGiB(
                        history.records.elements, chain: part.facts.chain, conditions: part.facts.conditions,
                        jobs: proposed.jobs)
                }
            }.max(),
            oomFloorGiB: parts.compactMap { $0.facts.history?.oom.floorGiB }.max(),
            earlyRequestGiB: history.memory.runCount < EarlyRequestGuardrail.runs ? question.requestedMemoryGiB : nil)
        var settings = proposed
        let actions = Guardrails.apply(to: &settings, given: facts)
        return GuardedSettings(settings: settings, actions: actions, facts: facts)
    }
}
