import Builds
import Testing

@testable import Optimizer

@Suite("Rivals of a backtest")
struct RivalTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        var policy: BacktestPolicy
        var delay: Int
        /// In percent; the others are ratios. Rounded as an independent implementation printed them.
        var killed: Double
        var allocated: Double
        var waste: Double
        var median: Double
        var killedBySize: [Double]
        var killedAtFirst: Double
        var testDescription: String { "\(policy.name), \(delay) builds late" }
    }

    static let expected = [
        Expected(
            policy: .historyMaximum, delay: 0, killed: 0.741, allocated: 2.9093, waste: 1.9125, median: 28.43,
            killedBySize: [1.96, 0, 2, 0, 0], killedAtFirst: 0),
        Expected(
            policy: .historyQuantile, delay: 0, killed: 1.111, allocated: 2.5079, waste: 1.5438, median: 19.73,
            killedBySize: [1.96, 0, 2, 0, 4.76], killedAtFirst: 0.649),
        Expected(
            policy: .verticalPodAutoscaler, delay: 0, killed: 1.481, allocated: 2.4979, waste: 1.5673, median: 18.23,
            killedBySize: [1.96, 0, 2, 0, 9.52], killedAtFirst: 0.649),
        Expected(
            policy: .recentMean, delay: 0, killed: 21.852, allocated: 1.1049, waste: 0.7794, median: 1.35,
            killedBySize: [13.73, 14, 28, 33.33, 33.33], killedAtFirst: 18.831),
        Expected(
            policy: .historyMaximum, delay: 20, killed: 0.741, allocated: 3.0391, waste: 2.0423, median: 31.02,
            killedBySize: [1.96, 0, 2, 0, 0], killedAtFirst: 0),
        Expected(
            policy: .historyQuantile, delay: 20, killed: 0.741, allocated: 2.6411, waste: 1.6443, median: 22.74,
            killedBySize: [1.96, 0, 2, 0, 0], killedAtFirst: 0),
        Expected(
            policy: .verticalPodAutoscaler, delay: 20, killed: 1.481, allocated: 2.6308, waste: 1.7033, median: 20.76,
            killedBySize: [1.96, 0, 2, 0, 9.52], killedAtFirst: 0.649),
        Expected(
            policy: .recentMean, delay: 20, killed: 18.889, allocated: 1.1511, waste: 0.8425, median: 1.48,
            killedBySize: [13.73, 18, 30, 23.33, 33.33], killedAtFirst: 19.481),
    ]

    @Test("Rivals and scores agree with an independent implementation", arguments: expected)
    func agreement(_ expected: Expected) throws {
        let history = try SpackExcerpt.history()
        let run = try history.replay(expected.policy, delay: expected.delay, library: nil)
        let report = BacktestReport(history, runs: [run], seed: 1)
        let score = try #require(report.rows.first).score
        #expect(report.builds == 300)
        #expect(report.scoredBuilds == 270)
        #expect(near(100 * score.killed.value, expected.killed, places: 3))
        #expect(near(score.allocatedToUsed.value, expected.allocated, places: 4))
        #expect(near(score.wasteToUsed.value, expected.waste, places: 4))
        #expect(near(score.medianRatio.value, expected.median, places: 2))
        for (share, percent) in zip(score.killedBySize, expected.killedBySize) {
            #expect(near(100 * (try #require(share)), percent, places: 2))
        }
        #expect(near(100 * (try #require(score.killedAtFirst)), expected.killedAtFirst, places: 3))
    }

    /// True when both agree after rounding to `places` decimals.
    private func near(_ value: Double, _ printed: Double, places: Int) -> Bool {
        (value - printed).magnitude <= 0.5001 * (0..<places).reduce(1) { unit, _ in unit / 10 }
    }

    @Test("Current settings are the requests; a build without one gets the last of its group")
    func requests() throws {
        let history = recordedHistory(peaksGiB: [1, 1, 1, 1], requestedGiB: [nil, 8, nil, 6])
        let run = try history.replay(.currentSettings, delay: 0, library: nil)
        #expect(run.limitsGiB == [2, 8, 8, 6])
    }

    @Test("Before the first build a rival gives the request, else the default")
    func nothingKnown() throws {
        for policy in BacktestPolicy.rivals {
            let stated = recordedHistory(peaksGiB: [1], requestedGiB: [5])
            #expect(try stated.replay(policy, delay: 0, library: nil).limitsGiB == [5])
            #expect(try recordedHistory(peaksGiB: [1]).replay(policy, delay: 0, library: nil).limitsGiB == [2])
        }
    }

    @Test("A group is asked once it has four builds, and before that a coarser one that has")
    func groups() {
        var states = GroupedStates(initial: 0)
        #expect(states.state(of: [1, 0]) == nil)
        for _ in 0..<3 { states.learn([1, 0]) { state, _ in state += 1 } }
        #expect(states.state(of: [1, 0]) == 3)
        states.learn([2, 0]) { state, count in state = 10 * count }
        #expect(states.state(of: [1, 0]) == 40, "the coarser group has four builds, the finer three")
        states.learn([1, 0]) { state, _ in state += 1 }
        #expect(states.state(of: [1, 0]) == 4)
        #expect(states.state(of: [7, 8]) == nil)
    }

    @Test("Weights that decay stay finite over a hundred thousand builds, and the newest decide")
    func longHistory() throws {
        var policy = VerticalPodAutoscaler(defaultGiB: 2)
        let old = recordedHistory(peaksGiB: [32]).builds[0]
        let new = recordedHistory(peaksGiB: [4]).builds[0]
        for index in 0..<110_000 { policy.observe(index < 109_000 ? old : new, attempts: [], note: ()) }
        let limit = policy.suggest(for: new.question).limitGiB
        // A thousand builds are five half-lives: 1/32 of the weight is left to the old ones, less than 5 %.
        #expect(limit > 1.15 * 4 && limit < 1.15 * 4 * 1.06)
    }
}
