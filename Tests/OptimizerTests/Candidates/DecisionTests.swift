import Builds
import Testing

@testable import Optimizer

/// The decision of the specification's fourth test vector: memory keys pipeline → tool → everything, no exploration.
@Suite("Decision")
struct DecisionTests {
    static let prices = OptimizerConfiguration().prices
    static let conditions = BuildConditions(cacheState: .warm, branch: .feature, changedFiles: 6)
    static let chain = KeyChain(
        keys: [MemoryKey("p", "a"), MemoryKey("t", "make"), MemoryKey("all")], pipelineLevel: 0)
    static let declared = Candidate(jobs: 4, cores: 4)
    static let declaredGiB = 8.0

    static var objective: ObjectiveRates {
        ObjectiveRates(
            timeWeight: 0.5, costWeight: 0.5, referenceSeconds: 200,
            referenceDollars: 200 * prices.perSecond(cores: 4, memoryGiB: 8))
    }

    /// One step with its models and memory, fed by hand.
    struct Bench {
        var memory = MemoryModel(defaultGiB: 2, risk: 0.02)
        var history = StepHistory()

        var models: StepModels {
            StepModels(records: history.records.elements, priors: .shipped, referenceSeconds: 200)
        }

        func prediction(jobs: [Double]) -> MemoryPrediction {
            let models = models
            return memory.prediction(
                for: chain, factors: jobs.map { models.memoryFactor(conditions: conditions, jobs: $0) },
                renormalised: history.renormalisedPeaks(
                    for: chain, slopes: models.memory.coefficients, conditions: conditions, jobs: jobs),
                expectation: .unstated(meanGiB: 0.4 * declaredGiB))
        }

        func problem() -> (problem: DecisionProblem, prediction: MemoryPrediction) {
            let models = models
            let candidates = SearchSpace.candidates(near: history.recentConfigurations, within: CandidateBounds())
            let prediction = prediction(jobs: candidates.map(\.jobs))
            let problem = DecisionProblem(
                candidates: candidates,
                durationRows: candidates.map {
                    models.durationRow(
                        $0, workSeconds: models.expectedWorkSeconds(conditions: conditions, $0))
                },
                limits: DecisionProblem.risks(upTo: 0.02).map {
                    ($0, memory.limits(for: prediction, risk: $0, capGiB: 64).blended)
                },
                objective: objective, prices: prices, banned: [])
            return (problem, prediction)
        }

        mutating func run(_ candidate: Candidate, prediction: MemoryPrediction, index: Int) {
            let ticket = memory.ticket(for: prediction, candidate: index, risk: 0.02, capGiB: 64)
            let peak = 2.5 * power(candidate.jobs / 4, 0.4)
            memory.observe(peak: peak, chain: chain, ticket: ticket)
            history.append(
                StepRecord(
                    conditions: conditions, jobs: candidate.jobs,
                    timing: StepRecord.Timing(
                        cores: candidate.cores, wallSeconds: 733.02 / min(candidate.jobs, candidate.cores),
                        workSeconds: 733),
                    peakGiB: peak, keys: Array(chain.ownKeys)))
        }
    }

    @Test("The first suggestion is the declared configuration, as specified")
    func first() throws {
        var recommender = Recommender.plain()
        var context = BuildContext.declaring(jobs: 4, cores: 4, memoryGiB: Self.declaredGiB)
        context.durationSeconds = 200
        let answer = recommender.next(StepIdentity(pipeline: "a", stage: "build", step: "compile"), context: context)
        #expect(answer.settings.jobs == 4 && answer.settings.cpuMillicores == 4000)
        #expect(answer.settings.memoryBytes == 8 << 30)
        #expect(answer.reasons.contains { $0.code == "cold_start" })
    }

    @Test("Two decisions in a row are as specified")
    func vector() throws {
        var bench = Bench()
        bench.run(Self.declared, prediction: bench.prediction(jobs: [4]), index: 0)

        let (first, firstPrediction) = bench.problem()
        #expect(first.candidates.count == 48)
        let eight = try #require(Decision(greedily: first, duration: bench.models.duration))
        #expect(first.candidates[eight.chosen] == Candidate(jobs: 8, cores: 8))
        #expect(agree(eight.score.memoryGiB, 6.408506))
        #expect(agree(eight.score.value, 0.781644))
        bench.run(first.candidates[eight.chosen], prediction: firstPrediction, index: eight.chosen)

        let (second, _) = bench.problem()
        #expect(second.candidates.count == 85)
        let twelve = try #require(Decision(greedily: second, duration: bench.models.duration))
        #expect(second.candidates[twelve.chosen] == Candidate(jobs: 12, cores: 10))
        #expect(agree(twelve.score.memoryGiB, 6.652403))
        #expect(agree(twelve.score.value, 0.615881))
    }

    @Test("Exploration stays in the safe set and its propensities add up")
    func exploration() throws {
        var bench = Bench()
        bench.run(Self.declared, prediction: bench.prediction(jobs: [4]), index: 0)
        let (problem, _) = bench.problem()
        let duration = bench.models.duration
        let scores = problem.scores(theta: duration.coefficients)
        var generator = SplitMix64(seed: 11)
        var explored = 0
        for _ in 0..<200 {
            let decision = try #require(
                Decision(problem, duration: duration, explorationRate: 1, using: &generator))
            #expect(scores[decision.chosen].value <= 1.15 * decision.bestValue)
            #expect(decision.propensity > 0 && decision.propensity <= 1)
            if decision.isExplored { explored += 1 }
        }
        #expect(explored > 20)
        let greedy = try #require(Decision(problem, duration: duration, explorationRate: 0, using: &generator))
        #expect(!greedy.isExplored && greedy.propensity == 1)
    }

    @Test("A banned configuration is handicapped")
    func banned() throws {
        var bench = Bench()
        bench.run(Self.declared, prediction: bench.prediction(jobs: [4]), index: 0)
        let (problem, _) = bench.problem()
        let best = try #require(Decision(greedily: problem, duration: bench.models.duration))
        var without = problem
        without.banned = [problem.candidates[best.chosen]]
        let other = try #require(Decision(greedily: without, duration: bench.models.duration))
        #expect(other.chosen != best.chosen)
    }

    @Test("Without candidates there is no decision")
    func nothing() {
        let problem = DecisionProblem(
            candidates: [], durationRows: [], limits: [], objective: Self.objective, prices: Self.prices, banned: [])
        #expect(Decision(greedily: problem, duration: Bench().models.duration) == nil)
    }

    @Test("The accepted risk is always among those weighed", arguments: [0.0005, 0.003, 0.02, 0.07, 0.5])
    func risks(_ accepted: Double) {
        let risks = DecisionProblem.risks(upTo: accepted)
        #expect(risks.last == accepted)
        #expect(risks == risks.sorted())
    }
}
