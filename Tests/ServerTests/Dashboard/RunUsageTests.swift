import Builds
import Optimizer
import Storage
import Testing

@testable import Server

@Suite("What a run adds to the sums of its week")
struct RunUsageTests {
    private static let now = Timestamp(seconds: 1_780_000_000)

    private static func outcome(
        _ status: RunStatus = .success, gib: Double? = 8, peak: Double? = 2, cores: Double? = 4, cpu: Double? = 7200,
        seconds: Double? = 3600
    ) -> Outcome {
        var usage = Usage()
        usage.wallSeconds = seconds
        usage.cpuSeconds = cpu
        usage.peakMemoryBytes = peak.map(Units.bytes(gib:))
        usage.cacheHits = 3
        usage.cacheMisses = 1
        return Outcome(
            step: StepIdentity(pipeline: "app"), context: BuildContext(),
            settings: Settings(
                cpuMillicores: cores.map(Units.millicores(cores:)), memoryBytes: gib.map(Units.bytes(gib:))),
            usage: usage, status: status, startedAt: now)
    }

    private static func usage(
        _ outcomes: [Outcome], status: RunStatus = .success, began: Timestamp = now,
        following recommendation: Recommendation? = nil
    ) -> RunUsage {
        let run = Run(
            id: RunID("r"), pipeline: "app", branch: "", commit: "", image: "", startedAt: began,
            completion: RunCompletion(status: status, durationSeconds: 3700))
        return RunUsage(run, accounts(outcomes), following: recommendation, now: now)
    }

    private static func accounts(_ outcomes: [Outcome]) -> [StepAccount] {
        var configuration = OptimizerConfiguration()
        configuration.cpuPricePerCoreHourUSD = 0.04
        configuration.memoryPricePerGiBHourUSD = 0.005
        configuration.poolPrices = ["spot": PoolPrices(cpuPerCoreHourUSD: 1, memoryPerGiBHourUSD: 1)]
        var recommender = Recommender(configuration: configuration)
        return outcomes.map {
            StepAccount($0, recommender.ticket(for: $0, offered: nil), configuration: configuration)
        }
    }

    private static func recommendation(risk: Double, baseline: Double?) -> Recommendation {
        var prediction = Prediction()
        prediction.oomProbability = risk
        return Recommendation(
            id: "x", target: StepIdentity(pipeline: "app"), createdAt: now, expiresAt: now, settings: Settings(),
            baseline: baseline.map { Baseline(settings: Settings(), costUSD: $0) }, prediction: prediction,
            source: .history, explored: false, propensity: 1, confidence: 1, rationale: "", reasons: [], guardrails: [],
            steps: [:], modelVersion: "")
    }

    @Test("Cost is what was reserved, unused what nobody used of it")
    func cost() {
        let figures = Self.usage([Self.outcome()]).figures
        #expect(figures.runs == 1 && figures.failedRuns == 0 && figures.oomRuns == 0)
        #expect(figures.memoryAskedGiBSeconds == 8 * 3600 && figures.memoryUsedGiBSeconds == 2 * 3600)
        #expect(figures.coreAskedSeconds == 4 * 3600 && figures.coreUsedSeconds == 7200)
        #expect(abs(figures.costUSD - (8 * 0.005 + 4 * 0.04)) < 1e-12)
        #expect(abs(figures.unusedUSD - (6 * 0.005 + 2 * 0.04)) < 1e-12)
        #expect(figures.cacheHits == 3 && figures.cacheMisses == 1 && figures.durationSeconds == 3700)
    }

    @Test("More used than was reserved is not less than nothing unused")
    func overuse() {
        let figures = Self.usage([Self.outcome(peak: 20, cpu: 1e6)]).figures
        #expect(figures.unusedUSD == 0 && figures.memoryUsedGiBSeconds == figures.memoryAskedGiBSeconds)
    }

    @Test("What was not measured or not stated adds to no sum that needs it")
    func unknown() {
        let none = Self.usage([Self.outcome(gib: nil, cores: nil), Self.outcome(seconds: nil)]).figures
        #expect(none.costUSD == 0 && none.memoryAskedGiBSeconds == 0 && none.unusedUSD == 0)
        let noPeak = Self.usage([Self.outcome(peak: nil, cpu: nil)]).figures
        #expect(noPeak.costUSD > 0 && noPeak.unusedUSD == 0 && noPeak.memoryAskedGiBSeconds == 0)
    }

    @Test("A kill is counted once for the run, whoever says so, and what it cost is lost")
    func kills() {
        let killed = Self.outcome(.oomKilled)
        let counted = Self.usage([killed, killed, Self.outcome()], status: .failure).figures
        #expect(counted.oomRuns == 1 && counted.failedRuns == 1)
        #expect(abs(counted.oomUSD - counted.costUSD * 2 / 3) < 1e-12)
        #expect(Self.usage([], status: .oomKilled).figures.oomRuns == 1)
    }

    @Test("What a killed attempt was given was neither used nor left unused: no dollar is lost twice")
    func killsAreLostAsAWhole() {
        var retried = Self.outcome(.success)
        retried.usage.oomKills = 1
        for killed in [Self.outcome(.oomKilled), retried] {
            let figures = Self.usage([killed]).figures
            #expect(figures.oomRuns == 1 && figures.oomUSD == figures.costUSD && figures.costUSD > 0)
            #expect(figures.unusedUSD == 0 && figures.memoryAskedGiBSeconds == 0 && figures.coreAskedSeconds == 0)
        }
    }

    @Test("A step without a CPU limit has the cores of its node, at the prices of its pool")
    func nodeAndPool() {
        var outcome = Self.outcome(cores: nil)
        outcome.context.extra["node_cpu"] = 16
        outcome.context.workerPool = "spot"
        let figures = Self.usage([outcome]).figures
        #expect(figures.coreAskedSeconds == 16 * 3600 && abs(figures.costUSD - (16 + 8)) < 1e-9)
    }

    @Test("A promise is counted with the run that followed it, and a baseline only against a run that came through")
    func promises() {
        let kept = Self.usage([Self.outcome()], following: Self.recommendation(risk: 0.01, baseline: 0.5)).figures
        #expect(kept.followedRuns == 1 && kept.promisedOOMRuns == 0.01 && kept.followedOOMRuns == 0)
        #expect(kept.baselineUSD == 0.5 && kept.againstBaselineUSD == kept.costUSD)
        let broken = Self.usage(
            [Self.outcome(.oomKilled)], status: .oomKilled, following: Self.recommendation(risk: 7, baseline: 0.5)
        ).figures
        #expect(broken.followedOOMRuns == 1 && broken.promisedOOMRuns == 1 && broken.baselineUSD == 0)
        #expect(Self.usage([Self.outcome()]).figures.followedRuns == 0)
    }

    @Test(
        "A run counts in the week it began, unless its clock is beyond belief",
        arguments: [(-30, true), (0, true), (-365 * 12, false), (400, false)] as [(Double, Bool)])
    func weeks(_ days: Double, _ isBelieved: Bool) {
        let began = Self.now.advanced(bySeconds: days * 86_400)
        #expect(Self.usage([], began: began).week == Week(isBelieved ? began : Self.now))
    }

    @Test("Whatever a client reports, the sums stay finite", arguments: [Double.infinity, .nan, 1e300, -1])
    func finite(_ number: Double) {
        let figures = Self.usage([
            Self.outcome(cpu: number, seconds: number), Self.outcome(gib: 65_536, cores: 4096, seconds: 1e12),
        ]).figures
        let all = [figures.costUSD, figures.unusedUSD, figures.memoryAskedGiBSeconds, figures.coreUsedSeconds]
        #expect(all.allSatisfy { $0.isFinite && $0 >= 0 })
    }
}
