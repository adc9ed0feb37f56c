import Builds
import Foundation
import Testing

@testable import Optimizer

@Suite("Recommender")
struct RecommenderTests {
    @Test("A build that scales gets more cores and less memory than it declared, with everything stated")
    func learns() throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 1)
        let step = SimulatedStep()
        _ = recommender.live(step, runs: 40, using: &generator)
        let answer = recommender.next(step.identity)
        let jobs = try #require(answer.settings.jobs)
        #expect(jobs > 4)
        #expect((2.0...8).contains(answer.settings.memoryGiB), "\(answer.settings.memoryGiB)")
        #expect(answer.source == .history)
        #expect(answer.modelVersion == "closed-form")
        #expect(answer.confidence > 0.8)
        let duration = try #require(answer.prediction.durationSecondsP50)
        let declared = try #require(answer.baseline?.durationSeconds)
        #expect(duration < declared)
        #expect(agree(declared, 10 + 600 / 3.6, within: 0.25), "\(declared)")
        #expect(try #require(answer.prediction.durationSecondsP90) > duration)
        #expect(try #require(answer.prediction.oomProbability) <= 0.02)
        #expect(try #require(answer.prediction.costUSD) > 0)
        let peak = Units.gib(bytes: try #require(answer.prediction.peakMemoryBytesP50))
        #expect(peak < answer.settings.memoryGiB)
        #expect(
            answer.reasons.map(\.code) == [
                "memory_quantile", "parallelism", "time_breakdown", "alternatives", "oom_tradeoff",
            ])
        #expect(answer.rationale.hasPrefix("From 40 runs of compile: "))
        #expect(answer.rationale.contains("95 % peak at "))
        #expect(answer.baseline?.settings.memoryBytes == 16 << 30)
        #expect(recommender.observedCount >= 40)
    }

    @Test("The accepted OOM risk is kept over many runs", arguments: [0.02, 0.1])
    func risk(_ risk: Double) {
        var configuration = OptimizerConfiguration()
        configuration.oomRisk = risk
        configuration.explorationRate = 0
        configuration.controlRate = 0
        var recommender = Recommender(configuration: configuration)
        var generator = SplitMix64(seed: 8)
        var context = BuildContext.declaring()
        context.cacheState = .warm
        var kills = 0
        for run in 0..<300 {
            var step = SimulatedStep(noise: 0.2)
            step.identity.pipeline = "p\(run % 6)"
            step.peakGiB = 1 + Double(run % 6)
            let journal = recommender.live(step, context: context, runs: 1, using: &generator)
            if run >= 60 { kills += journal.count { $0.outcome.status == .oomKilled } }
        }
        // 240 runs: the upper end of a binomial's 99.9 % interval around the accepted risk.
        let accepted = 240 * risk
        #expect(Double(kills) <= accepted + 3.1 * accepted.squareRoot(), "\(kills) kills")
    }

    @Test("Equal state, request and chance give an equal answer")
    func deterministic() {
        var generator = SplitMix64(seed: 4)
        var recommender = Recommender.plain(exploration: 0.5, control: 0.2)
        _ = recommender.live(SimulatedStep(), runs: 15, using: &generator)
        var twin = recommender
        for seed in 0..<20 as Range<UInt64> {
            let step = SimulatedStep().identity
            #expect(recommender.next(step, seed: seed) == twin.next(step, seed: seed))
        }
        let isUntouched = recommender == twin
        #expect(isUntouched)
    }

    @Test("Learning the outcomes again with their tickets rebuilds the very state")
    func replay() throws {
        var generator = SplitMix64(seed: 5)
        var recommender = Recommender.plain(exploration: 0.3, control: 0.1)
        var journal: Journal = []
        for round in 0..<6 {
            for index in 0..<3 {
                var step = SimulatedStep(peakGiB: 1 + Double(index), noise: 0.5)
                step.identity.step = "step \(index)"
                journal += recommender.live(step, runs: 5, using: &generator)
                // A run nobody asked about, and one that failed.
                var outcome = step.run(
                    Settings(jobs: 2 + round, cpuMillicores: 2000), context: .declaring(), using: &generator)
                journal.append((outcome, recommender.observe(outcome, ticket: nil)))
                outcome.status = .failure
                journal.append((outcome, recommender.observe(outcome, ticket: nil)))
            }
        }
        #expect(journal.contains { $0.outcome.status == .oomKilled })
        var rebuilt = Recommender(configuration: recommender.configuration)
        for (outcome, ticket) in journal {
            let stored = try JSONDecoder().decode(Ticket.self, from: JSONEncoder().encode(ticket))
            #expect(rebuilt.observe(outcome, ticket: stored) == ticket)
        }
        // Compared outside of the macro, which would print both states.
        let isSame = rebuilt == recommender
        #expect(isSame)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let isSameEncoded = try encoder.encode(rebuilt) == encoder.encode(recommender)
        #expect(isSameEncoded)
    }

    @Test("A stored state goes on as if nothing had happened")
    func codable() throws {
        var generator = SplitMix64(seed: 6)
        var recommender = Recommender.plain(exploration: 0.2)
        _ = recommender.live(SimulatedStep(), runs: 30, using: &generator)
        var restored = try JSONDecoder().decode(Recommender.self, from: JSONEncoder().encode(recommender))
        let isRestored = restored == recommender
        #expect(isRestored)
        var twin = generator
        _ = recommender.live(SimulatedStep(), runs: 10, using: &generator)
        _ = restored.live(SimulatedStep(), runs: 10, using: &twin)
        let isSame = restored == recommender
        #expect(isSame)
    }

    @Test("Tenants share nothing: a fresh recommender knows no other's steps")
    func fresh() {
        var recommender = Recommender.plain()
        #expect(recommender.next(SimulatedStep().identity).source == .prior)
        #expect(recommender.observedCount == 0)
    }

    @Test("A deadline moves the choice to more cores, and one that cannot be met is said to be missed")
    func deadline() throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 7)
        let step = SimulatedStep(workSeconds: 3000)
        _ = recommender.live(step, runs: 12, using: &generator)
        let free = recommender.next(step.identity)
        let duration = try #require(free.prediction.durationSecondsP90)
        var constraints = Constraints()
        constraints.deadlineSeconds = 0.9 * duration
        let hurried = recommender.next(step.identity, constraints: constraints)
        #expect(try #require(hurried.prediction.durationSecondsP90) <= 0.9 * duration)
        constraints.deadlineSeconds = 1
        let late = recommender.next(step.identity, constraints: constraints)
        #expect(late.reasons.contains { $0.code == "deadline" })
    }

    @Test("Candidates that need more memory than allowed are left out")
    func memoryCeiling() throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 9)
        let step = SimulatedStep(workSeconds: 3000, peakGiB: 4)
        _ = recommender.live(step, runs: 30, using: &generator)
        let free = recommender.next(step.identity)
        var constraints = Constraints()
        constraints.maxMemoryBytes = Units.bytes(gib: 0.85 * free.settings.memoryGiB)
        let bound = recommender.next(step.identity, constraints: constraints)
        #expect(bound.settings.memoryGiB <= 0.85 * free.settings.memoryGiB + 1e-9)
        #expect(try #require(bound.settings.jobs) < #require(free.settings.jobs))
        #expect(try #require(bound.prediction.oomProbability) <= 0.02)
    }
}
