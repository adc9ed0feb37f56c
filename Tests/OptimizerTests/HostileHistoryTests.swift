import Builds
import Testing

@testable import Optimizer

@Suite("Hostile histories")
struct HostileHistoryTests {
    static let victim = SimulatedStep(identity: StepIdentity(pipeline: "victim", stage: "build", step: "compile"))

    /// A tenant whose one honest step is well known.
    static func tenant() -> Recommender {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 1)
        _ = recommender.live(victim, runs: 30, using: &generator)
        return recommender
    }

    static func outcome(
        pipeline: String = "hostile", step: String = "s", _ change: (inout Outcome) -> Void = { _ in }
    ) -> Outcome {
        var generator = SplitMix64(seed: 2)
        var simulated = SimulatedStep()
        simulated.identity = StepIdentity(pipeline: pipeline, stage: "build", step: step)
        var outcome = simulated.run(
            Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 16 << 30), context: .declaring(), using: &generator)
        change(&outcome)
        return outcome
    }

    struct Report: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Outcome) -> Void
    }

    @Test(
        "Reports that cannot be true move nobody else's number by a digit",
        arguments: [
            Report(testDescription: "no memory at all") { $0.usage.peakMemoryBytes = 0 },
            Report(testDescription: "one byte") { $0.usage.peakMemoryBytes = 1 },
            Report(testDescription: "more memory than any machine has") { $0.usage.peakMemoryBytes = .max },
            Report(testDescription: "eight TiB") { $0.usage.peakMemoryBytes = 8 << 40 },
            Report(testDescription: "less than nothing") { $0.usage.peakMemoryBytes = -5 },
            Report(testDescription: "a run that never finished") {
                $0.status = .error
                $0.usage = Usage()
            },
            Report(testDescription: "a run that was cancelled before it began") {
                $0.status = .cancellation
                $0.usage.wallSeconds = 0
                $0.usage.peakMemoryBytes = nil
            },
        ])
    func absurd(_ report: Report) {
        var recommender = Self.tenant()
        let before = recommender.next(Self.victim.identity)
        // Few enough that the coefficients of the tool are not pooled anew.
        for _ in 0..<9 { recommender.observe(Self.outcome(report.change), ticket: nil) }
        #expect(recommender.next(Self.victim.identity).settings == before.settings)
        let answer = recommender.next(StepIdentity(pipeline: "hostile", stage: "build", step: "s"))
        #expect(HostileInputTests.faults(of: answer).isEmpty)
    }

    @Test("A row that arrives twice is learned twice and changes little")
    func duplicates() throws {
        var once = Recommender.plain()
        var twice = Recommender.plain()
        var generator = SplitMix64(seed: 3)
        for _ in 0..<25 {
            let outcome = Self.victim.run(
                Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 16 << 30), context: .declaring(), using: &generator)
            once.observe(outcome, ticket: nil)
            twice.observe(outcome, ticket: nil)
            twice.observe(outcome, ticket: nil)
        }
        let one = once.next(Self.victim.identity)
        let two = twice.next(Self.victim.identity)
        #expect(two.settings.jobs == one.settings.jobs)
        #expect((two.settings.memoryGiB / one.settings.memoryGiB - 1).magnitude < 0.3)
    }

    @Test(
        "A clock that is wrong changes no setting, only how old runs are said to be",
        arguments: [Int64.min, -1, 0, 4_000_000_000_000_000, .max])
    func clocks(_ microseconds: Int64) throws {
        var right = Self.tenant()
        var wrong = right
        var outcome = Self.outcome(pipeline: "victim", step: "compile")
        right.observe(outcome, ticket: nil)
        outcome.startedAt = Timestamp(microseconds: microseconds)
        wrong.observe(outcome, ticket: nil)
        let answer = wrong.next(Self.victim.identity)
        #expect(answer.settings == right.next(Self.victim.identity).settings)
        let memory = try #require(answer.reasons.first { $0.code == "memory_quantile" })
        #expect(try #require(memory.evidence["newest_run_age_s"]?.numberValue) >= 0)
        #expect(try #require(memory.evidence["oldest_run_age_s"]?.numberValue) >= 0)
    }

    @Test("A pipeline that names its steps after their runs pushes out its own only")
    func endlessSteps() {
        var recommender = Self.tenant()
        let before = recommender.next(Self.victim.identity)
        let keysBefore = recommender.history.memory.keys.count
        for index in 0..<1200 {
            recommender.observe(
                Self.outcome(step: "run-\(index)") { $0.usage.wallSeconds = nil }, ticket: nil)
        }
        let after = recommender.next(Self.victim.identity)
        #expect(after.source == .history && after.settings.jobs == before.settings.jobs)
        #expect((after.settings.memoryGiB / before.settings.memoryGiB - 1).magnitude < 0.25)
        #expect(recommender.history.steps.count <= StepHistories.pipelineCapacity + 1)
        // Three own keys for each step that is left, and those of the tool.
        #expect(recommender.history.memory.keys.count <= keysBefore + 3 * StepHistories.pipelineCapacity + 2)
    }

    @Test("A step whose every run names another configuration pushes out its own keys only")
    func endlessConfigurations() {
        var recommender = Self.tenant()
        let keysBefore = recommender.history.memory.keys.count
        for index in 0..<500 {
            recommender.observe(
                Self.outcome {
                    $0.usage.wallSeconds = nil
                    $0.context.extra["shard"] = .number(Double(index))
                }, ticket: nil)
        }
        #expect(recommender.history.memory.keys.count <= keysBefore + RecentKeys.capacity)
        #expect(recommender.next(Self.victim.identity).source == .history)
    }

    @Test("A hundred thousand steps of one pipeline leave the other pipelines alone")
    func hundredThousandSteps() {
        var steps = StepHistories()
        let record = StepRecord(conditions: BuildConditions(), jobs: 1, timing: nil, peakGiB: 1, keys: [])
        steps.update(Self.victim.identity) { step in step.append(record) }
        for index in 0..<100_000 {
            steps.update(StepIdentity(pipeline: "hostile", step: "\(index)")) { step in step.append(record) }
        }
        #expect(steps[Self.victim.identity]?.runCount == 1)
        #expect(steps.count <= StepHistories.pipelineCapacity + 1)
        #expect(steps.covered(by: StepIdentity(pipeline: "hostile"), limit: 64).count == 64)
    }

    @Test("A hundred thousand pipelines stay within bounds, and the newest are known")
    func hundredThousandPipelines() {
        var steps = StepHistories()
        let record = StepRecord(conditions: BuildConditions(), jobs: 1, timing: nil, peakGiB: 1, keys: [])
        for index in 0..<100_000 {
            steps.update(StepIdentity(pipeline: "\(index)", step: "s")) { step in step.append(record) }
        }
        #expect(steps.count <= StepHistories.capacity)
        #expect(steps.covered(by: StepIdentity(pipeline: "99999"), limit: 9).count == 1)
        #expect(steps.covered(by: StepIdentity(pipeline: "0"), limit: 9).isEmpty)
    }
}
