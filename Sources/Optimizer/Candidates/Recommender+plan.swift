import Builds

/// Planning: which settings look best before the guardrails.
extension Recommender {
    /// Steps one question may cover; of more, those that ran last.
    static let mostSteps = 64
    /// OOM risk taken where nothing is known of a step: the first impression counts.
    private static let coldRisk = 0.005
    /// Share of the memory somebody asks for that is used on average.
    private static let usedShareOfRequest = 0.4

    /// Plans all steps the question covers.
    mutating func plan(for question: SizingQuestion, using generator: inout some RandomNumberGenerator) -> Plan {
        let settings = configuration.bounded
        let controlRate = question.hasBaseline ? settings.controlRate : 0
        let isControl = controlRate > 0 && generator.nextUnit() < controlRate
        let steps = history.steps.covered(by: question.target, limit: Self.mostSteps)
        guard let first = steps.first else {
            let cold = coldPlan(for: facts(of: question.target, question), question)
            return Plan(lead: cold, parts: [cold])
        }
        let alone =
            steps.count == 1
            ? []
            : steps.map { step in
                bestPlan(for: facts(of: step, question), question) { Decision(greedily: $0, duration: $1) }
            }
        let busiest = alone.max {
            $0.facts.expectedWorkSeconds($0.candidate) < $1.facts.expectedWorkSeconds($1.candidate)
        }
        let leadFacts = busiest?.facts ?? facts(of: first, question)
        var lead =
            isControl
            ? declaredPlan(for: leadFacts, question, mode: .control, risk: question.risk)
            : bestPlan(for: leadFacts, question) {
                Decision($0, duration: $1, explorationRate: settings.explorationRate, using: &generator)
            }
        lead.propensity *= isControl ? controlRate : 1 - controlRate
        let parts = alone.map { $0.facts.step == lead.facts.step ? lead : fixed($0.facts, at: lead, question) }
        return Plan(lead: lead, parts: parts.isEmpty ? [lead] : parts, alone: alone)
    }

    /// Gathers what is known of a step.
    mutating func facts(of step: StepIdentity, _ question: SizingQuestion) -> StepFacts {
        let known = history.steps[step]
        let models = fits.models(
            of: step, history: known,
            priors: history.priors(of: known?.runCount ?? 0 > 0 ? known?.tool ?? "" : question.configuration.tool),
            referenceSeconds: question.referenceSeconds)
        return StepFacts(
            step: step, history: known, chain: KeyChain(step: step, configuration: question.configuration),
            models: models, conditions: question.conditions,
            objective: question.objective(history: known, prices: configuration.prices(pool: question.workerPool)))
    }

    /// Predicts memory for candidates with these jobs.
    func memoryPrediction(_ facts: StepFacts, _ question: SizingQuestion, jobs: [Double]) -> MemoryPrediction {
        // See `StepRecord.memoryJobs`.
        let isGiven = facts.runCount > 0 && facts.timedCount == 0
        let jobs = isGiven ? jobs.map { _ in MemorySlopes.referenceJobs } : jobs
        let factors = jobs.map { facts.models.memoryFactor(conditions: facts.conditions, jobs: $0) }
        let renormalised =
            facts.history?.renormalisedPeaks(
                for: facts.chain, slopes: facts.models.memory.coefficients, conditions: facts.conditions, jobs: jobs)
        let expectation =
            question.statedPeakGiB.map(PeakExpectation.stated)
            ?? .unstated(
                meanGiB: question.requestedMemoryGiB.map { Self.usedShareOfRequest * $0 }
                    ?? configuration.bounded.defaultMemoryGiB)
        return history.memory.prediction(
            for: facts.chain, factors: factors, renormalised: renormalised ?? [],
            expectation: expectation, trees: trees)
    }

    /// Limits at a risk for each candidate, raised while OOM kills are frequent.
    ///
    /// What a few linters came to, far below the first guess about them, says nothing about the next pipeline's compiler:
    /// until something is known of a step itself, its limit is no less than what is expected of it and a typical error.
    func limitsGiB(_ facts: StepFacts, _ prediction: MemoryPrediction, risk: Double) -> [Double] {
        let limits = history.memory.limits(for: prediction, risk: risk, capGiB: configuration.bounded.memoryCapGiB)
        let raise = facts.history?.oom.isRaising == true ? OOMWatch.raise : 1
        guard prediction.isCold else { return limits.blended.map { $0 * raise } }
        return zip(limits.blended, prediction.base).map { max($0, min($1, configuration.bounded.memoryCapGiB)) }
    }
}

// MARK: - The ways to plan one step

extension Recommender {
    /// Nothing is known of the step: what the caller declares, else four jobs on four cores.
    private func coldPlan(for facts: StepFacts, _ question: SizingQuestion) -> StepPlan {
        declaredPlan(for: facts, question, mode: .cold, risk: min(Self.coldRisk, question.risk))
    }

    /// The declared configuration, unchanged; what it leaves open is filled in.
    private func declaredPlan(
        for facts: StepFacts, _ question: SizingQuestion, mode: DecisionMode, risk: Double
    ) -> StepPlan {
        let bounds = question.bounds.candidates
        let candidate = question.declared?.candidate ?? bounds.clip(DeclaredSettings.undeclared)
        // Memory is sized for the jobs that will run, not for those a constraint takes away.
        let prediction = memoryPrediction(facts, question, jobs: [bounds.clip(candidate).jobs])
        let declared = question.declared?.memoryGiB
        return StepPlan(
            facts: facts, mode: mode, candidate: candidate,
            memoryGiB: declared ?? limitsGiB(facts, prediction, risk: risk)[0], risk: declared == nil ? risk : nil,
            prediction: prediction, referenceJobs: bounds.clip(candidate).jobs)
    }

    /// The memory a step needs at the jobs and cores that another step decided about.
    private func fixed(_ facts: StepFacts, at lead: StepPlan, _ question: SizingQuestion) -> StepPlan {
        let prediction = memoryPrediction(facts, question, jobs: [lead.candidate.jobs])
        let risk = lead.risk ?? question.risk
        return StepPlan(
            facts: facts, mode: lead.mode, candidate: lead.candidate,
            memoryGiB: limitsGiB(facts, prediction, risk: risk)[0], risk: risk, prediction: prediction,
            referenceJobs: lead.candidate.jobs)
    }

    /// The best candidate near what has run; without known durations, memory alone is sized.
    ///
    /// - Parameter decide: picks among the candidates.
    private func bestPlan(
        for facts: StepFacts, _ question: SizingQuestion,
        decide: (DecisionProblem, BayesianRegression) -> Decision?
    ) -> StepPlan {
        let (candidates, missesDeadline) = self.candidates(for: facts, question)
        let prediction = memoryPrediction(facts, question, jobs: candidates.map(\.jobs))
        guard facts.timedCount > 0 else { return memoryOnlyPlan(for: facts, question, prediction, candidates[0]) }
        let (kept, keptPrediction) = affordable(candidates, prediction, facts, question)
        let risks = DecisionProblem.risks(upTo: question.risk)
        let problem = DecisionProblem(
            candidates: kept,
            durationRows: kept.map {
                facts.models.durationRow(
                    $0, workSeconds: facts.models.expectedWorkSeconds(conditions: facts.conditions, $0))
            },
            limits: risks.map { ($0, limitsGiB(facts, keptPrediction, risk: $0)) },
            objective: facts.objective, prices: configuration.prices(pool: question.workerPool),
            banned: facts.history?.rollback.banned(runs: facts.timedCount) ?? [])
        guard let decision = decide(problem, facts.models.duration) else {
            return memoryOnlyPlan(for: facts, question, prediction, candidates[0])
        }
        return StepPlan(
            facts: facts, mode: decision.isExplored ? .explore : .exploit, propensity: decision.propensity,
            candidate: kept[decision.chosen], memoryGiB: decision.score.memoryGiB, risk: decision.score.risk,
            prediction: keptPrediction, index: decision.chosen, referenceJobs: kept[0].jobs,
            candidateCount: kept.count,
            missesDeadline: missesDeadline, best: kept[decision.greedy],
            expectedLoss: max(0, decision.score.value / decision.bestValue - 1))
    }

    private func memoryOnlyPlan(
        for facts: StepFacts, _ question: SizingQuestion, _ prediction: MemoryPrediction, _ candidate: Candidate
    ) -> StepPlan {
        StepPlan(
            facts: facts, mode: .memoryOnly, candidate: candidate,
            memoryGiB: limitsGiB(facts, prediction, risk: question.risk)[0], risk: question.risk,
            prediction: prediction, referenceJobs: candidate.jobs)
    }

    /// The candidates of a step, never none: allowed, near a configuration that ran, and within the caller's deadline
    /// where that is possible.
    private func candidates(
        for facts: StepFacts, _ question: SizingQuestion
    ) -> (candidates: [Candidate], missesDeadline: Bool) {
        let bounds = question.bounds.candidates
        let declared = bounds.clip(question.declared?.candidate ?? DeclaredSettings.undeclared)
        guard let history = facts.history, facts.timedCount > 0 else { return ([declared], false) }
        let near = SearchSpace.candidates(near: history.recentConfigurations, within: bounds)
        let candidates = near.isEmpty ? [bounds.clip(history.lastConfiguration ?? declared)] : near
        guard let deadline = question.deadlineSeconds else { return (candidates, false) }
        let seconds = candidates.map { facts.durationSeconds($0).p90 }
        let inTime = candidates.indices.filter { seconds[$0] <= deadline }
        guard inTime.isEmpty else { return (inTime.map { candidates[$0] }, false) }
        let fastest = candidates.indices.min { seconds[$0] < seconds[$1] } ?? 0
        return ([candidates[fastest]], true)
    }

    /// Leaves out candidates that would need more memory than the caller or the node allows, unless all would.
    private func affordable(
        _ candidates: [Candidate], _ prediction: MemoryPrediction, _ facts: StepFacts, _ question: SizingQuestion
    ) -> ([Candidate], MemoryPrediction) {
        let limits = limitsGiB(facts, prediction, risk: question.risk)
        let smallest = limits.min() ?? 0
        let ceiling = max(question.bounds.memoryCeilingGiB, smallest)
        guard limits.contains(where: { $0 > ceiling }) else { return (candidates, prediction) }
        let kept = candidates.indices.filter { limits[$0] <= ceiling }.map { candidates[$0] }
        return (kept, memoryPrediction(facts, question, jobs: kept.map(\.jobs)))
    }
}
