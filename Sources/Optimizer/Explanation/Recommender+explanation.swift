import Builds

extension Recommender {
    /// Puts a plan into numbers and words.
    func explanation(of plan: Plan, guarded: GuardedSettings, question: SizingQuestion) -> Explanation {
        Explanation(
            plan: plan, guarded: guarded, question: question, prices: configuration.bounded.prices,
            installationRuns: history.memory.runCount, marginWeight: marginWeight(plan.largest),
            stepSettings: stepSettings(plan, question: question),
            oomProbability: oomProbability(plan, guarded: guarded, question: question))
    }

    private func marginWeight(_ part: StepPlan) -> Double {
        let ticket = history.memory.ticket(
            for: part.prediction, candidate: part.index, risk: part.risk ?? configuration.bounded.oomRisk,
            capGiB: configuration.bounded.memoryCapGiB)
        return history.memory.marginWeight(of: ticket)
    }

    /// What each step would get alone. Steps of the same name in different stages are told apart by the stage.
    private func stepSettings(_ plan: Plan, question: SizingQuestion) -> [String: Settings] {
        var settings: [String: Settings] = [:]
        for part in plan.alone {
            let step = part.facts.step
            let isShared = plan.alone.count { $0.facts.step.step == step.step } > 1
            let name = isShared ? "\(step.stage)/\(step.step)" : step.step
            var own = applyGuardrails(to: part, question: question).wireSettings(cache: question.cache)
            own.cache = nil  // there is one cache for all of them
            settings[name] = own
        }
        return settings
    }

    /// Probability that the final limit is too small: the risk it was set for, or after a guardrail or for declared
    /// memory the smallest risk whose limit it covers.
    private func oomProbability(_ plan: Plan, guarded: GuardedSettings, question: SizingQuestion) -> Double {
        let part = plan.largest
        let memory = guarded.settings.memoryGiB
        if let risk = part.risk, memory == part.memoryGiB { return risk }
        let prediction =
            guarded.settings.jobs == part.candidate.jobs
            ? part.prediction : memoryPrediction(part.facts, question, jobs: [guarded.settings.jobs])
        let index = guarded.settings.jobs == part.candidate.jobs ? part.index : 0
        let covered = DecisionProblem.risks.first { limitsGiB(part.facts, prediction, risk: $0)[index] <= memory }
        return covered ?? 1
    }
}
