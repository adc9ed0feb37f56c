import Builds
import Testing

@testable import Optimizer

/// Gives every build the same limit, and keeps what it is told.
private struct Recorder: SizingPolicy {
    var limitGiB: Double
    var heard: [(note: Int, attempts: [SizedAttempt])] = []
    var asked = 0
    /// How many outcomes were known at each question.
    var known: [Int] = []

    mutating func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Int) {
        known.append(heard.count)
        asked += 1
        return (limitGiB, asked)
    }

    mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Int) {
        heard.append((note, attempts))
    }
}

@Suite("Replay")
struct ReplayTests {
    @Test(
        "Outcomes arrive as many builds late as asked, in their order",
        arguments: [(0, [0, 1, 2, 3, 4]), (2, [0, 0, 0, 1, 2]), (9, [0, 0, 0, 0, 0]), (-1, [0, 1, 2, 3, 4])])
    func delay(_ delay: Int, _ known: [Int]) throws {
        var policy = Recorder(limitGiB: 4)
        let limits = try Replay(recordedHistory(peaksGiB: [1, 2, 3, 4, 5]), delay: delay).limitsGiB(of: &policy)
        #expect(limits == [4, 4, 4, 4, 4])
        #expect(policy.known == known)
        #expect(policy.heard.map(\.note) == Array(1..<(known[4] + 1)))
    }

    @Test("A long replay hears every outcome once")
    func bookkeeping() throws {
        var policy = Recorder(limitGiB: 4)
        var sized = 0
        _ = try Replay(recordedHistory(peaksGiB: Array(repeating: 1, count: 1000)), delay: 10)
            .limitsGiB(of: &policy) { sized += $0 }
        #expect(policy.heard.map(\.note) == Array(1...989))
        #expect(sized == 1000)
    }

    @Test(
        "A limit below the peak is doubled until it fits, up to the machine or the peak",
        arguments: [
            (4, 3, [4]), (4, 4, [4]), (2, 7, [2, 4, 8]), (4, 11, [4, 8, 11]), (10, 10.5, [10, 10.5]),
        ] as [(Double, Double, [Double])])
    func retries(_ limit: Double, _ peak: Double, _ limits: [Double]) {
        let attempts = SizedAttempt.all(firstLimitGiB: limit, peakGiB: peak, capGiB: 10)
        #expect(attempts.map(\.limitGiB) == limits)
        #expect(attempts.map(\.wasKilled) == limits.map { $0 < peak })
    }

    @Test(
        "No limit a policy can think of ends a replay",
        arguments: [(Double.nan, 0.001), (-1, 0.001), (0, 0.001), (.infinity, 64), (1e300, 64)])
    func hostileLimits(_ limit: Double, _ used: Double) throws {
        var policy = Recorder(limitGiB: limit)
        let history = recordedHistory(peaksGiB: [1, 200])
        #expect(try Replay(history).limitsGiB(of: &policy) == [used, used])
        let report = BacktestReport(
            history, runs: [PolicyRun(policy: .recentMean, limitsGiB: [used, used])], seed: 1)
        #expect(report.rows[0].score.wasteToUsed.value.isFinite)
    }

    @Test("A replay ends when the progress says so")
    func cancellation() {
        struct Stop: Error {}
        var policy = Recorder(limitGiB: 4)
        #expect(throws: Stop.self) {
            try Replay(recordedHistory(peaksGiB: Array(repeating: 1, count: 100))).limitsGiB(of: &policy) { _ in
                throw Stop()
            }
        }
        #expect(policy.asked == 64)
    }

    @Test("Our policy learns a kill, and gives the next build of the kind what the killed one needed")
    func learnsFromKills() throws {
        let history = recordedHistory(peaksGiB: Array(repeating: 0.5, count: 30) + [6] + Array(repeating: 6, count: 9))
        let limits = try history.replay(.recommender(risk: 0.02), delay: 0, library: nil).limitsGiB
        #expect(limits[30] < 6)
        #expect(limits[31...].allSatisfy { $0 >= 6 })
    }

    @Test("Our policy does not depend on later builds")
    func prequential() throws {
        let history = try SpackExcerpt.history()
        var shorter = history
        shorter.builds.removeLast(200)
        let all = try history.replay(.recommender(risk: 0.01), delay: 5, library: nil)
        let part = try shorter.replay(.recommender(risk: 0.01), delay: 5, library: nil)
        #expect(Array(all.limitsGiB.prefix(100)) == part.limitsGiB)
        #expect(all.modelVersion == "closed-form")
    }

    @Test("On a package CI our policy keeps within the risk, and wastes less than the largest peak seen would")
    func ours() throws {
        let history = try SpackExcerpt.history()
        let runs = try ([.recommender(risk: 0.02)] + BacktestPolicy.rivals.dropFirst()).map {
            try history.replay($0, delay: 0, library: nil)
        }
        let rows = BacktestReport(history, runs: runs, seed: 1).rows
        #expect(rows[0].score.killed.value < 0.02)
        #expect(rows[1].name == BacktestPolicy.historyMaximum.name)
        #expect(rows[0].score.wasteToUsed.value < rows[1].score.wasteToUsed.value)
        #expect(rows[0].score.medianRatio.value < rows[1].score.medianRatio.value)
        #expect(rows[0].comparison != nil)
        #expect(rows.dropFirst().allSatisfy { $0.comparison == nil && $0.verdict == nil })
    }
}

@Suite("Training in a backtest")
struct BacktestTrainingTests {
    @Test(
        "A model that was refused is tried again after half as many builds more, or 500",
        arguments: [(0, 50, true), (50, 74, false), (50, 75, true), (2000, 2499, false), (2000, 2500, true)])
    func schedule(_ tried: Int, _ runs: Int, _ isDue: Bool) {
        #expect(TrainingSchedule.isDueAgain(runs: runs, triedAt: tried) == isDue)
    }

    @Test(
        "A model replaces one that is at most a tenth better, and the closed form only if that is no better",
        arguments: [
            (1.0, .closedForm(loss: nil), true), (.nan, .closedForm(loss: nil), false),
            (.infinity, .closedForm(loss: nil), false), (1.0, .closedForm(loss: 1), true),
            (1.01, .closedForm(loss: 1), false), (.nan, .closedForm(loss: 1), false), (1.0, .model(loss: 1), true),
            (1.11, .model(loss: 1), false), (1.09, .model(loss: 1), true), (.nan, .model(loss: 1), false),
            (5, .model(loss: .infinity), true), (5, .model(loss: .nan), true), (5, .model(loss: nil), true),
        ] as [(Double, ModelAcceptance.Rival, Bool)])
    func choice(loss: Double, rival: ModelAcceptance.Rival, isAccepted: Bool) {
        #expect(ModelAcceptance.accepts(loss: loss, rival: rival) == isAccepted)
    }

    @Test(
        "With LightGBM a model is trained and in force at the end",
        .enabled(if: LightGBMLocation.path != nil, LightGBMLocation.absent))
    func trees() throws {
        let library = try LightGBM(path: try #require(LightGBMLocation.path))
        let history = try SpackExcerpt.history()
        let run = try history.replay(.recommender(risk: 0.02), delay: 0, library: library)
        #expect(run.modelVersion?.hasPrefix("memory-") == true)
        #expect(run.limitsGiB != (try history.replay(.recommender(risk: 0.02), delay: 0, library: nil)).limitsGiB)
    }
}
