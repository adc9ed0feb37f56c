import Builds
import Testing

@testable import Optimizer

@Suite("What if")
struct WhatIfTests {
    private static let step = SimulatedStep()

    private func ask(
        _ recommender: inout Recommender, jobs: Int? = nil, cores: Double? = nil, gib: Double? = nil,
        of step: StepIdentity = step.identity, context: BuildContext = .declaring()
    ) -> WhatIf {
        recommender.whatIf(
            OptimizationRequest(target: step, context: context),
            settings: Settings(
                jobs: jobs, cpuMillicores: cores.map(Units.millicores(cores:)),
                memoryBytes: gib.map(Units.bytes(gib:))),
            recalling: [:], now: SimulatedStep.start)
    }

    @Test("Asked about nothing, the answer is the recommendation")
    func nothingAsked() {
        var recommender = ReasonTests.learned(runs: 40)
        let answer = ask(&recommender)
        let next = recommender.next(Self.step.identity)
        #expect(answer.recommendation.settings == next.settings)
        #expect(answer.asked == answer.recommended)
        #expect(answer.recommended.durationSecondsP50 == next.prediction.durationSecondsP50)
        #expect(answer.runs == 40 && answer.recentPeaks.count == 40)
        #expect(answer.baseline?.settings.memoryBytes == Units.bytes(gib: 16))
    }

    @Test("More memory never raises the risk, and never lowers the cost")
    func memory() throws {
        var recommender = ReasonTests.learned(runs: 60)
        let answers = [0.25, 1, 1.5, 2, 2.5, 3, 4, 8].map { ask(&recommender, jobs: 4, cores: 4, gib: $0).asked }
        let risks = answers.map { $0.oomRisk ?? 1 }
        #expect(risks == risks.sorted(by: >) && risks[0] == 1)
        #expect(risks[risks.count - 1] <= 0.01)
        let costs = answers.compactMap(\.costUSD)
        #expect(costs.count == answers.count && costs == costs.sorted())
    }

    @Test("The recommended memory keeps the risk that is promised with it")
    func promise() throws {
        var recommender = ReasonTests.learned(runs: 60)
        let answer = ask(&recommender)
        let risk = try #require(answer.recommended.oomRisk)
        let promised = try #require(answer.recommendation.prediction.oomProbability)
        #expect(risk <= promised * 1.4)
        let memory = answer.memoryByRisk.map(\.memoryBytes)
        #expect(memory == memory.sorted() && memory.count > 10)
    }

    @Test("More cores are not slower, and jobs the step never ran with are told as a guess")
    func jobs() throws {
        var recommender = ReasonTests.learned(runs: 40)
        let seconds = [1.0, 2, 4].compactMap { ask(&recommender, jobs: 4, cores: $0).asked.durationSecondsP50 }
        #expect(seconds.count == 3 && seconds == seconds.sorted(by: >))
        #expect(ask(&recommender, jobs: 256, cores: 256).asked.isExtrapolated)
        #expect(!ask(&recommender).asked.isExtrapolated)
        let byJobs = ask(&recommender, jobs: 4).byJobs.map { $0.settings.jobs ?? 0 }
        #expect(byJobs.first == 1 && byJobs.last == 8 && byJobs == Set(byJobs).sorted())
    }

    @Test("Asking changes nothing of what is known")
    func changesNothing() {
        var recommender = ReasonTests.learned(runs: 20)
        let before = recommender.history
        let configuration = recommender.configuration
        _ = ask(&recommender, jobs: 7, cores: 3, gib: 2)
        #expect(recommender.history == before)
        #expect(recommender.configuration == configuration)
    }

    @Test(
        "Any settings get an answer in numbers, of a step that never ran as well",
        arguments: [
            Settings(jobs: -3, cpuMillicores: -1, memoryBytes: -1), Settings(jobs: .max, cpuMillicores: .max),
            Settings(memoryBytes: .max), Settings(jobs: 0, cpuMillicores: 0, memoryBytes: 0),
        ])
    func hostile(_ settings: Settings) {
        for runs in [0, 1, 12] {
            var recommender = ReasonTests.learned(runs: runs)
            let answer = recommender.whatIf(
                OptimizationRequest(target: Self.step.identity), settings: settings, recalling: [:],
                now: SimulatedStep.start)
            for forecast in [answer.asked, answer.recommended] + answer.byJobs {
                #expect((forecast.settings.jobs ?? 0) >= 1 && (forecast.settings.memoryBytes ?? 0) > 0)
                #expect(forecast.durationSecondsP50.map { $0.isFinite && $0 > 0 } ?? (runs == 0))
                #expect(forecast.costUSD?.isFinite ?? (runs == 0))
            }
        }
    }
}
