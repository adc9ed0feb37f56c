import Builds

extension Recommender {
    /// Puts a plan into numbers and words.
    func explanation(
        of plan: Plan, guarded: GuardedSettings, question: SizingQuestion, now: Timestamp
    ) -> Explanation {
        let neighbours = Alternative.neighbours(
            of: guarded.candidate, near: plan.lead.facts.history?.recentConfigurations ?? [])
        let limits = LimitsByRisk(
            recommender: self, part: plan.largest, question: question,
            jobs: [guarded.settings.jobs] + neighbours.map(\.candidate.jobs)
                + (question.declared.map { [$0.jobs] } ?? []))
        let oomProbability =
            plan.largest.risk.flatMap { guarded.settings.memoryGiB == plan.largest.memoryGiB ? $0 : nil }
            ?? limits.oomProbability(jobs: guarded.settings.jobs, memoryGiB: guarded.settings.memoryGiB)
        let prices = configuration.prices(pool: question.workerPool)
        return Explanation(
            plan: plan, guarded: guarded, question: question, prices: prices,
            installationRuns: history.memory.runCount, marginWeight: marginWeight(plan.largest),
            stepSettings: stepSettings(plan, question: question), oomProbability: oomProbability,
            alternatives: Alternative.all(
                plan: plan, guarded: guarded, question: question, neighbours: neighbours, prices: prices,
                oomProbability: oomProbability, limits: limits),
            correction: learnedCorrection(plan.largest), now: now,
            recentPeaks: (plan.largest.facts.history?.records.elements ?? []).compactMap { record in
                record.peakGiB.map { Explanation.Peak(jobs: record.jobs, gib: $0) }
            })
    }

    private func marginWeight(_ part: StepPlan) -> Double {
        history.memory.marginWeight(expected: part.expectedPeakGiB)
    }

    private func learnedCorrection(_ part: StepPlan) -> LearnedCorrection? {
        guard configuration.explainsLearnedPart else { return nil }
        return trees.flatMap { trees in
            trees.contributionsGiB(features: part.prediction.features).map {
                LearnedCorrection(shares: $0.shares, rest: $0.rest, version: trees.version)
            }
        }
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
}
