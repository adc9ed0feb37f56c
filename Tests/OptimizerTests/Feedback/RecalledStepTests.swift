import Builds
import Testing

@testable import Optimizer

@Suite("Steps put aside come back from their lessons")
struct RecalledStepTests {
    /// A tenant in which one step ran `runs` times, and then as many others as push it out.
    private static func crowd(
        runs: Int, timed: Bool = true
    ) -> (before: Recommender, after: Recommender, lessons: [PastLesson], step: StepIdentity) {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 3)
        var lessons: [PastLesson] = []
        let step = SimulatedStep(noise: 0.2)
        for _ in 0..<runs {
            var outcome = step.run(
                Settings(jobs: 4, cpuMillicores: 4000), context: .declaring(), using: &generator)
            if !timed { outcome.usage.cpuSeconds = nil }
            lessons.append(
                PastLesson(outcome: outcome, ticket: recommender.observe(outcome, ticket: nil)))
        }
        let before = recommender
        var other = SimulatedStep()
        for index in 0..<StepHistories.pipelineCapacity {
            other.identity.step = "other \(index)"
            recommender.observe(
                other.run(Settings(jobs: 4, cpuMillicores: 4000), context: .declaring(), using: &generator),
                ticket: nil)
        }
        return (before, recommender, lessons, step.identity)
    }

    private static func ask(
        _ recommender: inout Recommender, _ step: StepIdentity, recalling: [StepIdentity: [PastLesson]] = [:]
    ) -> Recommendation {
        var generator = SplitMix64(seed: 1)
        return recommender.recommend(
            OptimizationRequest(target: step, context: .declaring()), recalling: recalling, id: "x",
            now: SimulatedStep.start, using: &generator
        ).recommendation
    }

    @Test("A step that was put aside is sized as before once its lessons are told", arguments: [true, false])
    func asked(timed: Bool) {
        var (before, after, lessons, step) = Self.crowd(runs: 40, timed: timed)
        #expect(!before.isParked(step))
        #expect(after.isParked(step))
        #expect(after.parkedSteps(coveredBy: step) == [step])
        #expect(Self.ask(&after, step).source == .prior)
        let known = Self.ask(&before, step)
        let told = Self.ask(&after, step, recalling: [step: lessons])
        #expect(told.source == .history)
        #expect(told.settings.jobs == known.settings.jobs)
        // The margins have learned from the others meanwhile; what is expected has not changed.
        let (then, now) = (known.prediction.peakMemoryBytesP50 ?? 1, told.prediction.peakMemoryBytesP50 ?? 0)
        #expect((Double(now) / Double(then) - 1).magnitude < 0.001)
    }

    @Test("Asking changes nothing of what was learned")
    func askingIsReading() {
        var (_, after, lessons, step) = Self.crowd(runs: 5)
        let untouched = after
        _ = Self.ask(&after, step, recalling: [step: lessons])
        let isSame = after == untouched
        #expect(isSame)
    }

    @Test("A question about a stage covers its steps at hand and those put aside, the newest first")
    func coveredSteps() {
        let (_, after, _, step) = Self.crowd(runs: 1)
        let whole = StepIdentity(pipeline: step.pipeline)
        // Enough are at hand.
        #expect(after.parkedSteps(coveredBy: whole).isEmpty)
        #expect(after.history.steps.parked(coveredBy: whole, limit: 2000).contains(step))
        #expect(after.history.steps.parked(coveredBy: StepIdentity(pipeline: "none"), limit: 2000).isEmpty)
    }

    @Test("Recalled for good, it is at hand, and another is put aside for it")
    func recalled() {
        var (_, after, lessons, step) = Self.crowd(runs: 40)
        let aside = after.history.steps.parkedCount
        after.recall(step, lessons: lessons)
        #expect(!after.isParked(step))
        #expect(after.history.steps[step]?.runCount == 40)
        #expect(after.history.steps.count <= StepHistories.pipelineCapacity + 1)
        #expect(after.history.steps.parkedCount >= aside - 1)
        // A second time does nothing.
        let same = after
        after.recall(step, lessons: [])
        let isSame = after == same
        #expect(isSame)
    }

    @Test("Lessons of another step, kills and runs cut short are told as they were learned")
    func mixedLessons() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 8)
        let simulated = SimulatedStep()
        var lessons: [PastLesson] = []
        for index in 0..<12 {
            var outcome = simulated.run(
                Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 8 << 30), context: .declaring(), using: &generator)
            if index == 4 { outcome.status = .failure }
            if index == 11 { outcome.status = .oomKilled }
            lessons.append(PastLesson(outcome: outcome, ticket: recommender.observe(outcome, ticket: nil)))
        }
        var foreign = lessons[0]
        foreign.outcome.step.step = "another"
        let recalled = RecalledStep(
            simulated.identity, lessons: lessons + [foreign], priors: { _ in .shipped },
            prices: { _ in OptimizerConfiguration().prices })
        let known = recommender.history.steps[simulated.identity]
        #expect(recalled.history.runCount == 10)
        #expect(recalled.history.records == known?.records)
        #expect(recalled.history.oom.floorGiB == 12)
        #expect(recalled.history.tool == "make")
        for (key, statistics) in recalled.keys {
            let isSame = recommender.history.memory.keys[key] == statistics
            #expect(isSame)
        }
    }
}
