/// The limits a step needs at some numbers of jobs, for each risk that is weighed: read backwards, they say how likely
/// any limit is too small.
struct LimitsByRisk: Sendable {
    private let jobs: [Double]
    /// For each risk, the smallest first, GiB for each number of jobs.
    private let limits: [(risk: Double, memoryGiB: [Double])]

    /// - Parameter jobs: at least one.
    init(recommender: Recommender, part: StepPlan, question: SizingQuestion, jobs: [Double]) {
        // The learned part sees a prediction from its first candidate; with the plan's own it says the same.
        let jobs = [part.referenceJobs] + jobs
        let prediction = recommender.memoryPrediction(part.facts, question, jobs: jobs)
        self.jobs = jobs
        limits = DecisionProblem.risks.map { risk in
            (risk, recommender.limitsGiB(part.facts, prediction, risk: risk))
        }
    }

    /// Probability that a limit is too small: the smallest risk whose limit it covers; 1 when it covers none.
    func oomProbability(jobs: Double, memoryGiB: Double) -> Double {
        guard let index = self.jobs.firstIndex(of: jobs) else { return 1 }
        return limits.first { $0.memoryGiB[index] <= memoryGiB }?.risk ?? 1
    }
}
