import Builds
import Testing

@testable import Optimizer

@Suite("Learning from outcomes")
struct LearningTests {
    static let step = SimulatedStep()

    static func learned(runs: Int = 12) -> Recommender {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 1)
        _ = recommender.live(step, runs: runs, using: &generator)
        return recommender
    }

    static func outcome(_ change: (inout Outcome) -> Void) -> Outcome {
        var generator = SplitMix64(seed: 2)
        var outcome = step.run(
            Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 16 << 30), context: .declaring(), using: &generator)
        change(&outcome)
        return outcome
    }

    @Test("After an OOM kill at a limit, memory is at least half as much again, until a run finishes")
    func floor() {
        var recommender = Self.learned()
        let before = recommender.history.memory
        recommender.observe(
            Self.outcome {
                $0.status = .failure
                $0.usage.oomKills = 1
                $0.settings.memoryBytes = 20 << 30
                $0.usage.peakMemoryBytes = 20 << 30
            }, ticket: nil)
        let isUnchanged = recommender.history.memory == before
        #expect(isUnchanged, "the limit must never be learned as a peak")
        let answer = recommender.next(Self.step.identity)
        #expect(answer.settings.memoryGiB >= 30)
        #expect(answer.guardrails.contains { $0.name == "oom_floor" && $0.setting == .memory && $0.after == 30 })
        #expect(answer.reasons.contains { $0.code == "oom_kill" })
        #expect(recommender.oomKillCount(of: Self.step.identity) == 1)
        recommender.observe(Self.outcome { _ in }, ticket: nil)
        #expect(recommender.next(Self.step.identity).settings.memoryGiB < 30)
    }

    @Test("Without a known limit, the floor is half as much again as the observed peak")
    func floorFromPeak() {
        var recommender = Self.learned()
        recommender.observe(
            Self.outcome {
                $0.status = .oomKilled
                $0.settings.memoryBytes = nil
                $0.usage.peakMemoryBytes = 40 << 30
            }, ticket: nil)
        #expect(recommender.next(Self.step.identity).settings.memoryGiB >= 60)
    }

    @Test("A kill inside a run that succeeded is a kill: its peak is the limit")
    func hiddenKill() {
        var recommender = Self.learned()
        let before = recommender.history.memory
        recommender.observe(Self.outcome { $0.usage.oomKills = 2 }, ticket: nil)
        let isUnchanged = recommender.history.memory == before
        #expect(isUnchanged)
    }

    @Test(
        "A run that did not finish teaches no duration and can only raise the expected memory",
        arguments: [RunStatus.failure, .error, .timeout, .cancellation])
    func cutShort(_ status: RunStatus) {
        let learned = Self.learned()
        let before = learned.history.memory.prediction(for: Self.chain)
        var low = learned
        low.observe(
            Self.outcome {
                $0.status = status
                $0.usage.peakMemoryBytes = 1 << 20
                $0.usage.wallSeconds = 1
            }, ticket: nil)
        let isUnchanged = low.history.memory == learned.history.memory && low.history.steps == learned.history.steps
        #expect(isUnchanged)
        #expect(low.observedCount == learned.observedCount + 1)
        var high = learned
        high.observe(
            Self.outcome {
                $0.status = status
                $0.usage.peakMemoryBytes = 9 << 30
            }, ticket: nil)
        #expect(high.history.memory.prediction(for: Self.chain).expected[0] > before.expected[0])
        let hasSameSteps = high.history.steps == learned.history.steps
        #expect(hasSameSteps)
    }

    static let chain = KeyChain(step: step.identity, configuration: ConfigurationKey(context: .declaring()))

    struct Missing: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Outcome) -> Void
    }

    @Test(
        "What is needed for durations and is missing leaves memory to learn",
        arguments: [
            Missing(testDescription: "wall time") { $0.usage.wallSeconds = nil },
            Missing(testDescription: "CPU time") { $0.usage.cpuSeconds = nil },
            Missing(testDescription: "jobs") { $0.settings.jobs = nil },
            Missing(testDescription: "cores") { $0.settings.cpuMillicores = nil },
            Missing(testDescription: "a sane wall time") { $0.usage.wallSeconds = -4 },
        ])
    func memoryOnly(_ missing: Missing) throws {
        var recommender = Recommender.plain()
        for _ in 0..<25 { recommender.observe(Self.outcome(missing.change), ticket: nil) }
        let history = try #require(recommender.history.steps[Self.step.identity])
        #expect(history.runCount == 25 && history.timedCount == 0)
        let answer = recommender.next(Self.step.identity)
        #expect(answer.settings.jobs == 4 && answer.settings.cpuMillicores == 4000)
        #expect(answer.settings.memoryGiB < 6)
        #expect(answer.source == .history)
        #expect(answer.prediction.durationSecondsP50 == nil)
        #expect(answer.rationale.contains("durations are not known"))
    }

    @Test("A step without CPU limit has the cores of its node, where the context tells them")
    func nodeCores() throws {
        var recommender = Recommender.plain()
        recommender.observe(
            Self.outcome {
                $0.settings.cpuMillicores = nil
                $0.context.extra["node_cpu"] = 8
            }, ticket: nil)
        #expect(recommender.history.steps[Self.step.identity]?.records.last?.timing?.cores == 8)
    }

    @Test("Where memory was not measured, durations are learned all the same")
    func durationOnly() {
        var recommender = Recommender.plain()
        recommender.observe(Self.outcome { $0.usage.peakMemoryBytes = nil }, ticket: nil)
        #expect(recommender.history.steps[Self.step.identity]?.timedCount == 1)
        #expect(recommender.history.memory.runCount == 0)
        #expect(recommender.next(Self.step.identity).rationale.contains("none with a known peak"))
    }

    @Test("A ticket for another pipeline, step or number of jobs is not used")
    func foreignTickets() {
        var recommender = Self.learned()
        var generator = SplitMix64(seed: 3)
        func ticket(_ step: StepIdentity) -> Ticket {
            recommender.recommend(
                OptimizationRequest(target: step, context: .declaring()), id: "t", now: SimulatedStep.start,
                using: &generator
            ).ticket
        }
        let own = ticket(Self.step.identity)
        let fitting = Self.outcome { $0.settings.jobs = Int(own.jobs) }
        #expect(own.fits(fitting))
        #expect(!own.fits(Self.outcome { $0.settings.jobs = Int(own.jobs) + 1 }))
        #expect(own.fits(Self.outcome { $0.settings.jobs = nil }))
        #expect(!ticket(StepIdentity(pipeline: "other")).fits(fitting))
        #expect(!ticket(StepIdentity(pipeline: "app", stage: "build", step: "other")).fits(fitting))
    }

    @Test("The ticket of a pipeline that was not known yet fits its first step, and is that step's from then on")
    func coldTicket() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 4)
        let ticket = recommender.recommend(
            OptimizationRequest(target: StepIdentity(pipeline: "app"), context: .declaring()), id: "t",
            now: SimulatedStep.start, using: &generator
        ).ticket
        #expect(ticket.mode == .cold)
        let learned = recommender.observe(Self.outcome { _ in }, ticket: ticket)
        #expect(learned.mode == .cold)
        #expect(learned.step == Self.step.identity)
    }

    @Test("After enough OOM kills limits are raised for ten runs, and an alert says so")
    func oomRate() {
        var watch = OOMWatch()
        var raised: [Bool] = []
        for run in 0..<10 {
            if run >= 7 { watch.killed(limitGiB: 1, seconds: 5, dollars: 0.1) }
            raised.append(watch.finished(runs: run, risk: 0.02))
        }
        #expect(raised == Array(repeating: false, count: 9) + [true])
        for run in 10..<19 { _ = watch.finished(runs: run, risk: 0.02) }
        #expect(watch.isRaising)
        _ = watch.finished(runs: 19, risk: 0.02)
        #expect(!watch.isRaising)
        #expect(watch.killCount == 3)
        #expect(watch.floorGiB == nil && watch.lostSeconds == 0)
    }

    @Test("Frequent kills of a step raise its limits and say so")
    func raisedLimits() {
        var recommender = Self.learned(runs: 20)
        let before = recommender.next(Self.step.identity).settings.memoryGiB
        for _ in 0..<4 {
            recommender.observe(Self.outcome { $0.status = .oomKilled }, ticket: nil)
            recommender.observe(Self.outcome { _ in }, ticket: nil)
        }
        let answer = recommender.next(Self.step.identity)
        #expect(answer.reasons.contains { $0.code == "oom_rate" })
        #expect(answer.settings.memoryGiB > before)
        #expect(recommender.alerts.contains { $0.kind == .oomRate })
    }

    @Test("Priors are pooled every twenty outcomes, and more rarely where an eighth of the steps is more than that")
    func pooling() {
        var history = History()
        func isDue(after outcomes: Int) -> Bool {
            history.observedCount += outcomes
            return history.isPoolingDue
        }
        #expect(!isDue(after: 19) && isDue(after: 1))
        history.pool()
        #expect(!isDue(after: 19) && isDue(after: 1))
        history.pool()
        for number in 1...800 { history.steps.update(StepIdentity(pipeline: "p\(number)")) { _ in } }
        #expect(!isDue(after: 99) && isDue(after: 1))
    }
}
