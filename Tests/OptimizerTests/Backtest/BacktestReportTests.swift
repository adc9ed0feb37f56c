import Builds
import Testing

@testable import Optimizer

@Suite("Scores and verdicts of a backtest")
struct BacktestReportTests {
    /// Ten builds, the first of which only teaches; limits of 4 GiB, one kill, two attempts.
    private static let history = recordedHistory(
        peaksGiB: [1, 2, 2, 2, 2, 2, 2, 2, 2, 6], capGiB: 64, wallSeconds: 1800)

    private func score(_ limit: Double) throws -> PolicyScore {
        let run = PolicyRun(policy: .recentMean, limitsGiB: Array(repeating: limit, count: 10))
        return try #require(BacktestReport(Self.history, runs: [run], seed: 1).rows.first).score
    }

    @Test("Kills, reservations, waste, time and money add up by hand")
    func byHand() throws {
        let score = try score(4)
        // 8 builds of 2 GiB and one of 6, half an hour each: 11 GiB·h used, 18 allocated first, 4 for a retry at 8 GiB.
        #expect(agree(score.killed.value, 1.0 / 9))
        #expect(agree(score.allocatedToUsed.value, 18.0 / 11))
        #expect(agree(score.reservedGiBHours.value, 22))
        #expect(agree(score.wasteToUsed.value, (22.0 - 11) / 11))
        #expect(agree(score.medianRatio.value, 2))
        #expect(agree(score.wallHours.value, 5))
        #expect(agree(score.costUSD.value, 22 * 0.004445))
    }

    @Test("Cores of known jobs cost money in every attempt")
    func cores() {
        var build = Self.history.builds[9]
        build.question.jobs = 4
        let prices = OptimizerConfiguration().prices
        let costs = BuildCosts(build, limitGiB: 4, capGiB: 64, prices: prices)
        // Four cores for an hour, and 4 and then 8 GiB for half an hour each.
        #expect(agree(costs.dollars, 4 * 0.04048 + 6 * 0.004445))
    }

    @Test("An interval holds its estimate, is the same for the same seed and another for another")
    func determinism() throws {
        let history = try SpackExcerpt.history()
        let runs = try [.recommender(risk: 0.02), .historyMaximum, .recentMean].map {
            try history.replay($0, delay: 0, library: nil)
        }
        let first = BacktestReport(history, runs: runs, seed: 7)
        #expect(first == BacktestReport(history, runs: runs, seed: 7))
        #expect(first != BacktestReport(history, runs: runs, seed: 8))
        for row in first.rows {
            for estimate in [
                row.score.allocatedToUsed, row.score.wasteToUsed, row.score.reservedGiBHours, row.score.medianRatio,
            ] { #expect(estimate.low <= estimate.value && estimate.value <= estimate.high) }
        }
        let kills = first.rows[2].score.killed
        #expect(kills.low > 0.1 && kills.low < kills.value && kills.value < kills.high && kills.high < 0.4)
    }

    @Test(
        "Resamples are as long as the series, and a constant has no spread", arguments: [1, 2, 49, 50, 51, 270, 1001])
    func blocks(_ count: Int) {
        let bootstrap = BlockBootstrap(count: count, seed: 3)
        for starts in bootstrap.starts {
            #expect(starts.allSatisfy { $0 >= 0 && $0 + bootstrap.blockLength <= count })
            #expect(starts.count * bootstrap.blockLength <= count)
            #expect(starts.count * bootstrap.blockLength > count - bootstrap.blockLength)
        }
        #expect(Set(bootstrap.medians(of: Array(repeating: 5, count: count))) == [5])
    }

    @Test("The spread of a mean of independent values is what theory says")
    func spread() {
        var generator = SplitMix64(seed: 5)
        var prefixes = [BuildCosts()]
        for _ in 0..<2000 {
            var costs = BuildCosts()
            costs.builds = 1
            costs.kills = Double.random(in: 0..<1, using: &generator) < 0.3 ? 1 : 0
            prefixes.append(prefixes[prefixes.count - 1] + costs)
        }
        let sums = BlockBootstrap(count: 2000, seed: 1).sums(ofPrefixes: prefixes)
        let estimate = Estimate(prefixes[2000].killShare, resampled: sums.map(\.killShare))
        // 1.96 √(0.3 × 0.7 / 2000) is 0.020.
        #expect((0.012...0.028).contains((estimate.high - estimate.low) / 2))
    }

    @Test("No build, and one build, are no reason to stop")
    func tiny() {
        for count in [0, 1] {
            let history = recordedHistory(peaksGiB: Array(repeating: 1, count: count))
            let run = PolicyRun(policy: .recommender(risk: 0.02), limitsGiB: Array(repeating: 2, count: count))
            let report = BacktestReport(history, runs: [run], seed: 1)
            #expect(report.scoredBuilds == count)
            #expect(report.rows[0].verdict == "At 2 % accepted risk, 0 % of builds would have been killed.")
        }
    }

    // MARK: - Verdicts

    struct Case: Sendable {
        var risk = 0.01
        var ours: (killed: Estimate, allocated: Double)
        var rival: (name: String, killed: Double, allocated: Double)?
        var waste = Estimate(0, resampled: [])
        var current: (killed: Double, allocated: Double)?
        var text: String
    }

    private static func estimate(_ value: Double, _ low: Double, _ high: Double) -> Estimate {
        Estimate(value, resampled: [low, high, low, high])
    }

    private static func score(killed: Estimate, allocated: Double) -> PolicyScore {
        let one = Estimate(allocated, resampled: [])
        return PolicyScore(
            killed: killed, allocatedToUsed: one, wasteToUsed: one, medianRatio: one, reservedGiBHours: one,
            wallHours: one, costUSD: one, killedBySize: [])
    }

    private static let cases = [
        Case(
            ours: (estimate(0.0084, 0.006, 0.011), 1.554), rival: ("history max × 1.15", 0.0215, 1.629),
            waste: estimate(-0.057, -0.09, -0.03),
            text: "At 1 % accepted risk, 0.84 % of builds would have been killed; history max × 1.15 kills 2.15 % and "
                + "reserves 5 % more. Waste with retries is 6 % smaller."),
        Case(
            risk: 0.02, ours: (estimate(0.014, 0.01, 0.018), 1.86), rival: ("current settings", 0, 2.6675),
            waste: estimate(-0.456, -0.47, -0.44),
            text: "At 2 % accepted risk, 1.4 % of builds would have been killed; the current settings kill none and "
                + "reserve 43 % more. Waste with retries is 46 % smaller."),
        Case(
            risk: 0.003, ours: (estimate(0.003, 0.001, 0.005), 2), rival: ("VPA", 0.02, 1.8),
            waste: estimate(0.2, 0.1, 0.3),
            text: "At 0.3 % accepted risk, 0.3 % of builds would have been killed; VPA kills 2 % and reserves 10 % "
                + "less. Waste with retries is 20 % larger."),
        Case(
            ours: (estimate(0.03, 0.02, 0.04), 1.5), rival: ("VPA", 0.02, 1.502), waste: estimate(0.01, -0.1, 0.1),
            text: "At 1 % accepted risk, 3 % of builds would have been killed; VPA kills 2 % and reserves as much. "
                + "Waste with retries does not differ beyond chance. That is more than was accepted: choose a smaller "
                + "risk for builds like these."),
        Case(
            ours: (estimate(0.008, 0.005, 0.01), 1.5), rival: ("VPA", 0.02, 1.8), waste: estimate(-0.3, -0.4, -0.2),
            current: (0.001, 3),
            text: "At 1 % accepted risk, 0.8 % of builds would have been killed; VPA kills 2 % and reserves 20 % more. "
                + "Waste with retries is 30 % smaller. The current settings kill 0.1 % and reserve 100 % more."),
        Case(
            ours: (estimate(0.0105, 0.005, 0.02), 1.5), rival: nil,
            text: "At 1 % accepted risk, 1.05 % of builds would have been killed. That is above what was accepted, but "
                + "within chance."),
    ]

    @Test("A verdict says what was found in words", arguments: cases.indices)
    func verdict(_ index: Int) {
        let given = Self.cases[index]
        let rival = given.rival.map { Self.score(killed: Estimate($0.killed, resampled: []), allocated: $0.allocated) }
        let current = given.current.map {
            Self.score(killed: Estimate($0.killed, resampled: []), allocated: $0.allocated)
        }
        let zero = Estimate(0, resampled: [])
        let comparison = given.rival.map {
            PolicyComparison(rival: $0.name, killed: zero, allocated: zero, waste: given.waste, cost: zero)
        }
        let verdict = Verdict(
            risk: given.risk, ours: Self.score(killed: given.ours.killed, allocated: given.ours.allocated),
            rival: rival, comparison, current: current)
        #expect(verdict.text == given.text)
    }

    @Test("The rival to beat keeps within the risk and wastes least; if none does, it is the one that kills least")
    func bestRival() throws {
        let history = recordedHistory(peaksGiB: Array(repeating: 2, count: 100))
        func run(_ policy: BacktestPolicy, _ limit: Double, kills: Int = 0) -> PolicyRun {
            let limits = (0..<100).map { $0 >= 100 - kills ? 1 : limit }
            return PolicyRun(policy: policy, limitsGiB: limits)
        }
        func rival(_ runs: PolicyRun...) -> String? {
            let ours = run(.recommender(risk: 0.02), 3)
            return BacktestReport(history, runs: [ours] + runs, seed: 1).rows[0].comparison?.rival
        }
        #expect(
            rival(run(.historyMaximum, 4), run(.recentMean, 2.1, kills: 20), run(.historyQuantile, 5))
                == "history max × 1.15")
        #expect(rival(run(.historyMaximum, 4, kills: 9), run(.recentMean, 2.1, kills: 20)) == "history max × 1.15")
        #expect(rival() == nil)
    }
}
