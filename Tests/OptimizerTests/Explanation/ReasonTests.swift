import Builds
import Testing

@testable import Optimizer

@Suite("Reasons")
struct ReasonTests {
    static let step = SimulatedStep()

    static func learned(_ configuration: OptimizerConfiguration? = nil, runs: Int = 20) -> Recommender {
        var recommender = Recommender.plain()
        if let configuration { recommender.configuration = configuration }
        var generator = SplitMix64(seed: 1)
        _ = recommender.live(step, runs: runs, using: &generator)
        return recommender
    }

    static func reason(_ code: String, in answer: Recommendation) throws -> Reason {
        try #require(answer.reasons.first { $0.code == code }, "\(answer.reasons.map(\.code))")
    }

    static func number(_ name: String, _ evidence: [String: JSONValue]) throws -> Double {
        try #require(evidence[name]?.numberValue, "\(name) in \(evidence)")
    }

    @Test("Every reason is a sentence with numbers behind it, and codes do not repeat")
    func sentences() {
        var recommender = Self.learned()
        let answer = recommender.next(Self.step.identity)
        #expect(Set(answer.reasons.map(\.code)).count == answer.reasons.count)
        for reason in answer.reasons {
            let first = reason.text.first
            #expect(reason.text.hasSuffix("."))
            #expect(first?.isUppercase == true || first?.isNumber == true, "\(reason.text)")
            #expect(!reason.evidence.isEmpty)
        }
    }

    @Test("The peak told is that of the runs with as many jobs as are chosen")
    func peakAtTheChoice() throws {
        var recommender = Self.learned(runs: 40)
        let answer = recommender.next(Self.step.identity)
        let records = try #require(recommender.history.steps[Self.step.identity]).records.elements
        let jobs = try #require(answer.settings.jobs)
        let peaks = records.filter { $0.jobs == Double(jobs) }.compactMap(\.peakGiB).sorted()
        let told = try #require(Quantile.interpolated(0.95, ofSorted: peaks))
        #expect(peaks.count < records.count, "Other numbers of jobs were tried")
        #expect(answer.rationale.contains("with \(Wording.jobs(Double(jobs))) 95 % peak at \(Wording.gib(told));"))
    }

    @Test("The parts of the time add up to the predicted duration")
    func time() throws {
        var recommender = Self.learned()
        let answer = recommender.next(Self.step.identity)
        let evidence = try Self.reason("time_breakdown", in: answer).evidence
        let parts = try ["fixed_s", "serial_s", "parallel_s", "contention_s"].map { try Self.number($0, evidence) }
        #expect(parts.allSatisfy { $0 >= 0 })
        #expect(agree(parts.reduce(0, +), try #require(answer.prediction.durationSecondsP50), within: 1e-9))
        #expect(try Self.number("waiting_for_cores_s", evidence) >= 0)
    }

    @Test("Choice, baseline and neighbours are told with time, cost and OOM probability, the choice as predicted")
    func alternatives() throws {
        var recommender = Self.learned()
        let answer = recommender.next(Self.step.identity)
        let evidence = try Self.reason("alternatives", in: answer).evidence
        func alternative(_ name: String) throws -> [String: JSONValue] {
            guard case .object(let numbers) = evidence[name] else {
                throw Missing(name: name)
            }
            return numbers
        }
        let choice = try alternative("choice")
        #expect(try Self.number("duration_s", choice) == answer.prediction.durationSecondsP50)
        #expect(agree(try Self.number("cost_usd", choice), try #require(answer.prediction.costUSD), within: 1e-9))
        #expect(try Self.number("oom_probability", choice) == answer.prediction.oomProbability)
        let baseline = try alternative("baseline")
        #expect(try Self.number("duration_s", baseline) == answer.baseline?.durationSeconds)
        #expect(try Self.number("oom_probability", baseline) <= 0.001)
        let half = try alternative("half_cpu")
        #expect(try Self.number("duration_s", half) > Self.number("duration_s", choice))
        #expect(try Self.number("cpu", half) == Self.number("cpu", choice) / 2)
        let fewer = try alternative("half_jobs")
        #expect(try Self.number("oom_probability", fewer) <= Self.number("oom_probability", choice))
    }

    struct Missing: Error {
        var name: String
    }

    @Test("Nothing is predicted more than one octave beyond what ran")
    func octave() {
        let ran: Set = [Candidate(jobs: 4, cores: 4)]
        let neighbours = Alternative.neighbours(of: Candidate(jobs: 8, cores: 8), near: ran)
        #expect(neighbours.map(\.name) == ["half_cpu", "half_jobs"])
        #expect(Alternative.neighbours(of: Candidate(jobs: 4, cores: 4), near: ran).count == 4)
        #expect(Alternative.neighbours(of: Candidate(jobs: 1, cores: 1), near: []).isEmpty)
    }

    @Test("An OOM kill costs the part of the run that is lost and a retry with twice the memory")
    func tradeoff() throws {
        var recommender = Self.learned()
        let answer = recommender.next(Self.step.identity)
        let evidence = try Self.reason("oom_tradeoff", in: answer).evidence
        let seconds = try #require(answer.prediction.durationSecondsP50)
        #expect(agree(try Self.number("oom_kill_s", evidence), 0.6 * seconds + 30, within: 1e-9))
        let memory = seconds * answer.settings.memoryGiB * 0.004445 / 3600
        let kill = 0.6 * (try #require(answer.prediction.costUSD)) + memory
        #expect(agree(try Self.number("oom_kill_usd", evidence), kill, within: 1e-3))
        #expect(try Self.number("margin_usd", evidence) < memory)
    }

    @Test("How old the runs behind an answer are is told")
    func ages() throws {
        var recommender = Self.learned()
        var generator = SplitMix64(seed: 2)
        let request = OptimizationRequest(target: Self.step.identity, context: .declaring())
        let later = SimulatedStep.start.advanced(bySeconds: 3 * 86_400)
        let answer = recommender.recommend(request, id: "a", now: later, using: &generator).recommendation
        let memory = try Self.reason("memory_quantile", in: answer)
        #expect(try Self.number("newest_run_age_s", memory.evidence) == 3 * 86_400)
        #expect(memory.text.contains("3 days ago"))
        #expect(try Self.number("margin_gb", memory.evidence) > 0)
    }

    @Test("Exploration says what looks best, what it costs and how to switch it off; control runs likewise")
    func optOut() throws {
        var configuration = OptimizerConfiguration()
        configuration.explorationRate = 1
        configuration.controlRate = 0.2
        var recommender = Self.learned(configuration, runs: 4)
        let answers = (0..<200).map { recommender.next(Self.step.identity, seed: UInt64($0)) }
        let explored = try #require(answers.first { $0.explored })
        let exploration = try Self.reason("exploration", in: explored)
        #expect(exploration.text.contains("exploration-rate 0"))
        #expect((0...0.15).contains(try Self.number("expected_loss", exploration.evidence)))
        #expect(
            try Self.number("best_jobs", exploration.evidence) != Double(explored.settings.jobs ?? 0)
                || Self.number("best_cpu", exploration.evidence) * 1000 != Double(explored.settings.cpuMillicores ?? 0))
        let control = try #require(answers.first { $0.reasons.contains { $0.code == "control" } })
        #expect(try Self.reason("control", in: control).text.contains("control-rate 0"))
    }

    @Test("A pool with prices of its own changes costs, and what is cheap is used more")
    func pools() throws {
        var configuration = Recommender.plain().configuration
        configuration.poolPrices["spot"] = PoolPrices(cpuPerCoreHourUSD: 0.004048, memoryPerGiBHourUSD: 0.0004445)
        var recommender = Self.learned(configuration)
        var spot = BuildContext.declaring()
        spot.workerPool = "spot"
        var other = spot
        other.workerPool = "another"
        // Another pool is another configuration of the step as well; both are new to it, so only prices differ.
        let cheap = recommender.next(Self.step.identity, context: spot)
        let usual = recommender.next(Self.step.identity, context: other)
        let ratio = try #require(usual.baseline?.costUSD) / #require(cheap.baseline?.costUSD)
        #expect(agree(ratio, 10, within: 1e-9))
        let evidence = try Self.reason("parallelism", in: cheap).evidence
        #expect(agree(try Self.number("cpu_usd_per_core_hour", evidence), 0.004048, within: 1e-9))
        #expect(configuration.prices(pool: nil) == configuration.prices(pool: "unheard of"))
    }

    @Test("Drift is told with what was expected and what came, over the runs since it began")
    func drift() throws {
        var recommender = Self.learned(runs: 40)
        var generator = SplitMix64(seed: 3)
        var changed = Self.step
        changed.peakGiB /= 3
        _ = recommender.live(changed, runs: 12, using: &generator)
        let alert = try #require(recommender.alerts.first { $0.kind == .drift && $0.unit == "gb" })
        let before = try #require(alert.before)
        let after = try #require(alert.after)
        #expect(after < before / 1.2)
        #expect(try #require(alert.runs) > 1)
        #expect(alert.text.contains(Wording.gib(before)) && alert.text.contains(Wording.gib(after)))
        #expect(alert.text.contains("What was learned is kept"))
        // The models go on from where they were.
        #expect(recommender.history.steps[Self.step.identity]?.runCount == 52)
    }

    @Test(
        "Dollars and ages read like dollars and ages",
        arguments: [
            (0.0, "$0.00"), (0.00001, "less than $0.0001"), (0.0034, "$0.0034"), (0.0123, "$0.012"), (1.2, "$1.20"),
            (1234.5, "$1234.50"),
        ])
    func dollars(_ value: Double, _ text: String) {
        #expect(Wording.dollars(value) == text)
    }

    @Test(
        "Ages are told in the unit that fits",
        arguments: [(0.0, "just now"), (600.0, "10 min ago"), (86_400.0, "24 h ago"), (864_000.0, "10 days ago")])
    func age(_ seconds: Double, _ text: String) {
        #expect(Wording.age(seconds: seconds) == text)
    }
}
