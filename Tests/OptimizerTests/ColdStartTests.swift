import Builds
import Testing

@testable import Optimizer

@Suite("Cold start")
struct ColdStartTests {
    static let step = StepIdentity(pipeline: "new", stage: "build", step: "compile")

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var context = BuildContext()
        var constraints = Constraints()
        var jobs: Int
        var millicores: Int
        var memoryGiB: ClosedRange<Double>
        var source: RecommendationSource
        var testDescription: String { name }
    }

    static func context(_ change: (inout BuildContext) -> Void) -> BuildContext {
        var context = BuildContext()
        change(&context)
        return context
    }

    static func constraints(_ change: (inout Constraints) -> Void) -> Constraints {
        var constraints = Constraints()
        change(&constraints)
        return constraints
    }

    @Test(
        "A cold pipeline gets a sane answer from what the caller states",
        arguments: [
            Row(name: "nothing", jobs: 4, millicores: 4000, memoryGiB: 2...8, source: .fallback),
            Row(
                name: "a baseline", context: .declaring(jobs: 8, cores: 6, memoryGiB: 12), jobs: 8, millicores: 6000,
                memoryGiB: 12...12, source: .prior),
            Row(
                name: "last success without memory",
                context: context { $0.lastSuccess = Settings(jobs: 6, cpuMillicores: 3000) }, jobs: 6,
                millicores: 3000, memoryGiB: 2...8, source: .prior),
            Row(
                name: "jobs alone", context: context { $0.extra["concurrency"] = 12 }, jobs: 12, millicores: 12_000,
                memoryGiB: 2...16, source: .prior),
            Row(
                name: "a large peak", context: context { $0.statedPeakMemoryBytes = 10 << 30 }, jobs: 4,
                millicores: 4000, memoryGiB: 12...13, source: .prior),
            Row(
                name: "a small node",
                context: context {
                    $0.extra["node_cpu"] = 2
                    $0.extra["node_mem_gb"] = 3
                }, jobs: 4, millicores: 2000, memoryGiB: 1...3, source: .fallback),
            Row(
                name: "tight constraints",
                constraints: constraints {
                    $0.maxJobs = 2
                    $0.maxCPUMillicores = 1500
                    $0.maxMemoryBytes = 1 << 30
                }, jobs: 2, millicores: 1500, memoryGiB: 1...1, source: .fallback),
            Row(
                name: "a peak above the constraint", context: context { $0.statedPeakMemoryBytes = 4 << 30 },
                constraints: constraints { $0.maxMemoryBytes = 2 << 30 }, jobs: 4, millicores: 4000,
                memoryGiB: 4.8...4.801, source: .prior),
            Row(
                name: "a request", context: context { $0.extra["requested_mem_gb"] = 24 }, jobs: 4, millicores: 4000,
                memoryGiB: 24...40, source: .prior),
        ])
    func cold(_ row: Row) throws {
        var recommender = Recommender.plain()
        let answer = recommender.next(Self.step, context: row.context, constraints: row.constraints)
        #expect(answer.settings.jobs == row.jobs)
        #expect(answer.settings.cpuMillicores == row.millicores)
        #expect(row.memoryGiB.contains(answer.settings.memoryGiB), "\(answer.settings.memoryGiB)")
        #expect(answer.settings.cache == CompilerCache(isEnabled: true, sizeGiB: 10))
        #expect(answer.source == row.source)
        #expect(answer.propensity == 1)
        #expect(!answer.explored)
        #expect(answer.confidence == (row.source == .prior ? 0.2 : 0.05))
        #expect(answer.reasons.contains { $0.code == "cold_start" })
        #expect(!answer.rationale.isEmpty)
        #expect(answer.expiresAt.seconds(since: answer.createdAt) == 86_400)
    }

    @Test(
        "However small other builds are, a new pipeline gets no less than is expected of it", arguments: [1, 3, 10, 40])
    func tinyOthers(runs: Int) throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 5)
        _ = recommender.live(
            SimulatedStep(identity: StepIdentity(pipeline: "lint", stage: "", step: "lint"), peakGiB: 0.006),
            context: BuildContext(), runs: runs, using: &generator)
        let answer = recommender.next(Self.step, context: Self.context { $0.tool = "cmake" })
        let expected = Units.gib(bytes: try #require(answer.prediction.peakMemoryBytesP50))
        #expect(answer.settings.memoryGiB >= expected)
        #expect(Units.gib(bytes: try #require(answer.prediction.memoryLimitQuantileBytes)) >= expected)
    }

    @Test("The number of steps and their mean duration stand in for a duration")
    func statedSteps() throws {
        var recommender = Recommender.plain()
        let context = Self.context {
            $0.stepCount = 5
            $0.averageStepSeconds = 60
        }
        #expect(recommender.next(Self.step, context: context).prediction.durationSecondsP50 == 300)
    }

    @Test("A stated peak says more about a new pipeline than other pipelines do")
    func statedAmongOthers() throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 3)
        _ = recommender.live(SimulatedStep(peakGiB: 0.5), runs: 30, using: &generator)
        var context = BuildContext()
        context.statedPeakMemoryBytes = 4 << 30
        let other = StepIdentity(pipeline: "other", stage: "", step: "")
        let expected = try #require(recommender.next(other, context: context).prediction.peakMemoryBytesP50)
        #expect((2.5...4).contains(Units.gib(bytes: expected)))
    }

    @Test("A stated peak beats the caller's own limit, and the answer says that it could not keep it")
    func conflict() {
        var recommender = Recommender.plain()
        var context = BuildContext()
        context.statedPeakMemoryBytes = 4 << 30
        var constraints = Constraints()
        constraints.maxMemoryBytes = 2 << 30
        let answer = recommender.next(Self.step, context: context, constraints: constraints)
        #expect(answer.settings.memoryGiB >= 4.8)
        #expect(answer.reasons.contains { $0.code == "constraint_conflict" })
    }

    @Test("A duration the caller states is the prediction until there are runs")
    func statedDuration() throws {
        var recommender = Recommender.plain()
        var context = BuildContext.declaring()
        context.durationSeconds = 300
        context.costUSD = 0.5
        let answer = recommender.next(Self.step, context: context)
        #expect(answer.prediction.durationSecondsP50 == 300)
        #expect(try #require(answer.prediction.durationSecondsP90) > 300)
        #expect(answer.baseline?.costUSD == 0.5)
        #expect(answer.baseline?.settings.jobs == 4)
    }

    @Test("A new step of a known tool starts from what its other steps need")
    func knownTool() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 2)
        var context = BuildContext()
        context.tool = "make"
        context.image = "gcc:14"
        for index in 0..<40 {
            var step = SimulatedStep(peakGiB: 12)
            step.identity.pipeline = "p\(index % 8)"
            let outcome = step.run(Settings(jobs: 4, cpuMillicores: 4000), context: context, using: &generator)
            recommender.observe(outcome, ticket: nil)
        }
        let answer = recommender.next(Self.step, context: context)
        #expect(answer.source == .prior)
        #expect(answer.settings.memoryGiB > 12)
        #expect(answer.rationale.contains("40 runs of other steps"))
    }
}
