import Builds
import Testing

@testable import Optimizer

@Suite("A target of several steps")
struct SeveralStepsTests {
    static func recommender() -> Recommender {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 1)
        for (stage, name, work, peak) in [
            ("build", "compile", 2000.0, 1.5), ("build", "link", 60.0, 6.0), ("test", "unit", 300.0, 0.7),
        ] {
            var step = SimulatedStep(workSeconds: work, peakGiB: peak)
            step.identity = StepIdentity(pipeline: "app", stage: stage, step: name)
            _ = recommender.live(step, runs: 25, using: &generator)
        }
        return recommender
    }

    @Test("The largest memory decides, and the most work decides about jobs and CPU")
    func stage() throws {
        var recommender = Self.recommender()
        let answer = recommender.next(StepIdentity(pipeline: "app", stage: "build"))
        let compile = recommender.next(StepIdentity(pipeline: "app", stage: "build", step: "compile"))
        #expect(answer.settings.jobs == compile.settings.jobs)
        #expect(answer.settings.cpuMillicores == compile.settings.cpuMillicores)
        #expect(answer.settings.memoryGiB > 6)
        #expect(Set(answer.steps.keys) == ["compile", "link"])
        #expect(try #require(answer.steps["compile"]).memoryGiB < 6)
        let reason = try #require(answer.reasons.first { $0.code == "largest_step" })
        #expect(reason.evidence["memory_step"] == "link")
        #expect(reason.evidence["work_step"] == "compile")
        #expect(answer.rationale.contains("of link"))
    }

    @Test("A pipeline without stage covers all its steps, and takes as long as they do together")
    func pipeline() throws {
        var recommender = Self.recommender()
        let all = recommender.next(StepIdentity(pipeline: "app"))
        let stage = recommender.next(StepIdentity(pipeline: "app", stage: "build"))
        #expect(Set(all.steps.keys) == ["compile", "link", "unit"])
        #expect(try #require(all.prediction.durationSecondsP50) > #require(stage.prediction.durationSecondsP50))
    }

    @Test("One known step is simply sized")
    func one() {
        var recommender = Self.recommender()
        let answer = recommender.next(StepIdentity(pipeline: "app", stage: "test"))
        let unit = recommender.next(StepIdentity(pipeline: "app", stage: "test", step: "unit"))
        #expect(answer.settings == unit.settings)
        #expect(answer.steps.isEmpty)
    }

    @Test("Steps of the same name are told apart by their stage")
    func sameName() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 2)
        for stage in ["debug", "release"] {
            var step = SimulatedStep()
            step.identity = StepIdentity(pipeline: "app", stage: stage, step: "compile")
            _ = recommender.live(step, runs: 3, using: &generator)
        }
        let answer = recommender.next(StepIdentity(pipeline: "app"))
        #expect(Set(answer.steps.keys) == ["debug/compile", "release/compile"])
    }

    @Test("A control run of several steps keeps the declared jobs and CPU and enough memory for all")
    func control() {
        var recommender = Self.recommender()
        recommender.configuration.controlRate = 1
        let answer = recommender.next(StepIdentity(pipeline: "app"))
        #expect(answer.settings.jobs == 4)
        #expect(answer.settings.memoryGiB >= 16)
        #expect(answer.propensity == 1)
    }

    @Test("The ticket of a pipeline teaches the step it was made for; other steps get their own")
    func tickets() {
        var recommender = Self.recommender()
        var generator = SplitMix64(seed: 3)
        let request = OptimizationRequest(target: StepIdentity(pipeline: "app"), context: .declaring())
        let (recommendation, ticket) = recommender.recommend(
            request, id: "a", now: SimulatedStep.start, using: &generator)
        #expect(ticket.step.step == "link")
        var step = SimulatedStep()
        step.identity = StepIdentity(pipeline: "app", stage: "test", step: "unit")
        let outcome = step.run(recommendation.settings, context: .declaring(), using: &generator)
        #expect(recommender.observe(outcome, ticket: ticket).mode == .observed)
        step.identity = StepIdentity(pipeline: "app", stage: "build", step: "link")
        let linked = step.run(recommendation.settings, context: .declaring(), using: &generator)
        #expect(recommender.observe(linked, ticket: ticket) == ticket)
    }
}
