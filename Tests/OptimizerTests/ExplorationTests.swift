import Builds
import Testing

@testable import Optimizer

@Suite("Exploration and control arm")
struct ExplorationTests {
    @Test("Control runs keep the declared baseline, as often as configured")
    func control() {
        var recommender = Recommender.plain(control: 0.2)
        var generator = SplitMix64(seed: 1)
        let step = SimulatedStep()
        _ = recommender.live(step, runs: 20, using: &generator)
        let answers = (0..<300).map { recommender.next(step.identity, seed: UInt64($0)) }
        let control = answers.filter { $0.reasons.contains { $0.code == "control" } }
        #expect((38...85).contains(control.count), "\(control.count)")
        for answer in control {
            #expect(answer.settings.jobs == 4 && answer.settings.cpuMillicores == 4000)
            #expect(answer.settings.memoryBytes == 16 << 30)
            #expect(answer.propensity == 0.2)
            #expect(!answer.explored)
            #expect(answer.rationale.hasPrefix("Control run"))
        }
        #expect(answers.filter { $0.propensity != 0.2 }.allSatisfy { $0.propensity == 0.8 })
    }

    @Test("Without a declared baseline, or with a rate of zero, there is no control arm")
    func noControl() {
        var generator = SplitMix64(seed: 2)
        var context = BuildContext.declaring()
        context.lastSuccess = context.baseline
        context.baseline = nil
        var withoutBaseline = Recommender.plain(control: 0.9)
        _ = withoutBaseline.live(SimulatedStep(), context: context, runs: 10, using: &generator)
        var switchedOff = Recommender.plain(control: 0)
        _ = switchedOff.live(SimulatedStep(), runs: 10, using: &generator)
        for seed in 0..<50 as Range<UInt64> {
            let step = SimulatedStep().identity
            #expect(withoutBaseline.next(step, context: context, seed: seed).propensity == 1)
            #expect(switchedOff.next(step, seed: seed).propensity == 1)
        }
    }

    @Test("Explored answers say so, and the propensities of all answers are probabilities")
    func exploration() {
        var recommender = Recommender.plain(exploration: 0.5)
        var generator = SplitMix64(seed: 3)
        _ = recommender.live(SimulatedStep(), runs: 3, using: &generator)
        let answers = (0..<300).map { recommender.next(SimulatedStep().identity, seed: UInt64($0)) }
        let explored = answers.filter(\.explored)
        #expect(explored.count > 15 && explored.count < 150, "\(explored.count)")
        #expect(explored.allSatisfy { $0.reasons.contains { $0.code == "exploration" } })
        #expect(answers.allSatisfy { $0.propensity > 0 && $0.propensity <= 1 })
        // The share of a configuration among the answers is what its propensity says.
        let greedy = answers.filter { !$0.explored }
        let mean = greedy.map(\.propensity).reduce(0, +) / Double(greedy.count)
        #expect((mean - Double(greedy.count) / 300).magnitude < 0.1)
    }

    @Test("The number of draws of chance does not change what is learned")
    func learningIsIndependentOfChance() {
        var generator = SplitMix64(seed: 4)
        var recommender = Recommender.plain(exploration: 0.5)
        let journal = recommender.live(SimulatedStep(), runs: 10, using: &generator)
        var asked = recommender
        for seed in 0..<10 as Range<UInt64> { _ = asked.next(SimulatedStep().identity, seed: seed) }
        let isSame = asked == recommender
        #expect(isSame)
        #expect(journal.count >= 10)
    }

    @Test("A unit number is the one the library makes of the same chance")
    func unit() {
        var a = SplitMix64(seed: 6)
        var b = a
        for _ in 0..<1000 {
            let own = a.nextUnit()
            let library = Double.random(in: 0..<1, using: &b)
            #expect(own == library)
        }
    }
}
