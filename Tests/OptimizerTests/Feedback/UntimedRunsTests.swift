import Builds
import Testing

@testable import Optimizer

@Suite("Runs without timing")
struct UntimedRunsTests {
    @Test("Builds sized for the jobs they declare, before any had finished, leave the right peak to expect")
    func declaredJobs() throws {
        var recommender = Recommender(configuration: OptimizerConfiguration())
        var generator = SplitMix64(seed: 1)
        let step = StepIdentity(pipeline: "app", step: "build")
        var context = BuildContext()
        context.extra["concurrency"] = 36
        let question = OptimizationRequest(target: step, context: context)
        func ask() -> (recommendation: Recommendation, ticket: Ticket) {
            recommender.recommend(question, id: "r", now: Timestamp(microseconds: 0), using: &generator)
        }
        for ticket in (0..<30).map({ _ in ask().ticket }) {
            var usage = Usage()
            usage.peakMemoryBytes = Units.bytes(gib: 8)
            let outcome = Outcome(
                step: step, context: context, settings: Settings(jobs: 36), usage: usage, status: .success,
                startedAt: Timestamp(microseconds: 0))
            recommender.observe(outcome, ticket: ticket)
        }
        let expected = try #require(ask().recommendation.prediction.peakMemoryBytesP50)
        #expect((7.5...8.5).contains(Units.gib(bytes: expected)), "\(Units.gib(bytes: expected)) GiB")
    }
}
