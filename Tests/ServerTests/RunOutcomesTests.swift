import Builds
import Testing

@testable import Server

@Suite("A completed run teaches one outcome for each step")
struct RunOutcomesTests {
    private static let began = Timestamp(seconds: 1_800_000_000)

    private static func step(_ span: String, exitCode: Int? = 0, oomKills: Int64? = nil, stopped: Bool = true) -> Step {
        var usage = Usage()
        usage.exitCode = exitCode
        usage.oomKills = oomKills
        return Step(
            runID: RunID("r"), spanID: span, stage: "build", step: "step-\(span)", startedAt: began,
            stop: stopped ? StepStop(stoppedAt: began.advanced(bySeconds: 60), usage: usage) : nil)
    }

    private static func run(_ status: RunStatus?) -> Run {
        Run(
            id: RunID("r"), pipeline: "p", branch: "main", commit: "c", image: "gcc:14", tools: ["cmake"],
            requested: Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 8_000_000_000), startedAt: began,
            completion: status.map { RunCompletion(status: $0, durationSeconds: 100) })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var status: RunStatus
        var steps: [Step]
        var expected: [String: RunStatus]
    }

    static let cases: [Case] = [
        .init(
            testDescription: "all is well", status: .success, steps: [step("1"), step("2")],
            expected: ["1": .success, "2": .success]),
        .init(
            testDescription: "a good step in a failed run is good", status: .failure,
            steps: [step("1"), step("2", exitCode: 2)], expected: ["1": .success, "2": .failure]),
        .init(
            testDescription: "a tolerated failure is a failure", status: .success, steps: [step("1", exitCode: 1)],
            expected: ["1": .failure]),
        .init(
            testDescription: "without exit code the run's status holds", status: .cancellation,
            steps: [step("1", exitCode: nil)], expected: ["1": .cancellation]),
        .init(
            testDescription: "the counter names the killed step", status: .failure,
            steps: [step("1"), step("2", exitCode: 1, oomKills: 3)], expected: ["1": .success, "2": .oomKilled]),
        .init(
            testDescription: "the only step of a killed run was killed", status: .oomKilled,
            steps: [step("1", exitCode: nil)], expected: ["1": .oomKilled]),
        .init(
            testDescription: "the open step of a killed run was killed", status: .oomKilled,
            steps: [step("1"), step("2", stopped: false)], expected: ["1": .success, "2": .oomKilled]),
        .init(
            testDescription: "the failed step of a killed run was killed", status: .oomKilled,
            steps: [step("1"), step("2", exitCode: 137)], expected: ["1": .success, "2": .oomKilled]),
        .init(
            testDescription: "two suspects are none", status: .oomKilled,
            steps: [step("1", exitCode: 1), step("2", exitCode: 137)], expected: ["1": .failure, "2": .failure]),
        .init(
            testDescription: "an open step of a failed run teaches nothing", status: .failure,
            steps: [step("1"), step("2", stopped: false)], expected: ["1": .success]),
        .init(
            testDescription: "a run without steps is one step without a name", status: .timeout, steps: [],
            expected: ["run": .timeout]),
    ]

    @Test("Status of each step", arguments: cases)
    func statuses(_ row: Case) {
        let outcomes = RunOutcomes(run: Self.run(row.status), steps: row.steps).all
        let found = Dictionary(uniqueKeysWithValues: outcomes.map { ($0.spanID, $0.outcome.status) })
        #expect(found == row.expected)
    }

    @Test("A run still going on teaches nothing")
    func unfinished() {
        #expect(RunOutcomes(run: Self.run(nil), steps: [Self.step("1")]).all.isEmpty)
    }

    @Test("Context, settings and time are filled in from the run")
    func filledIn() throws {
        let outcome = try #require(RunOutcomes(run: Self.run(.success), steps: [Self.step("1")]).all.first?.outcome)
        #expect(outcome.context.branch == "main")
        #expect(outcome.context.image == "gcc:14")
        #expect(outcome.context.tool == "cmake")
        #expect(outcome.context.baseline?.jobs == 4)
        #expect(outcome.settings.memoryBytes == 8_000_000_000)
        #expect(outcome.usage.wallSeconds == 60)
        #expect(outcome.attempt == 1)
        #expect(outcome.step == StepIdentity(pipeline: "p", stage: "build", step: "step-1"))
    }

    @Test("What a step says of its own settings wins over the run's")
    func ownSettings() throws {
        var step = Self.step("1")
        step.stop?.settings = Settings(jobs: 2)
        let outcome = try #require(RunOutcomes(run: Self.run(.success), steps: [step]).all.first?.outcome)
        #expect(outcome.settings.jobs == 2)
        #expect(outcome.settings.cpuMillicores == 4000)
    }

    @Test("What a run was given on our recommendation is no baseline")
    func recommendedIsNoBaseline() throws {
        var run = Self.run(.success)
        run.recommendationID = "x"
        let outcome = try #require(RunOutcomes(run: run, steps: [Self.step("1")]).all.first?.outcome)
        #expect(outcome.context.baseline == nil)
    }
}
