import Testing

@testable import Optimizer

@Suite("Risk that is kept by counting kills")
struct RiskFeedbackTests {
    /// Builds whose limits fail `times` as often as they were asked to, and the share that fails at the end.
    private static func share(failing times: Double, risk: Double, builds: Int = 60_000) -> Double {
        var feedback = RiskFeedback()
        var generator = SplitMix64(seed: 7)
        var failures = 0
        for run in 0..<builds {
            let failed = generator.nextUnit() < times * feedback.asked(for: risk)
            if run >= builds / 2, failed { failures += 1 }
            feedback.learn(held: !failed, risk: risk, runs: run)
        }
        return Double(failures) / Double(builds - builds / 2)
    }

    @Test(
        "Margins that fail too often or too rarely end up below the accepted risk by the margin that is aimed for",
        arguments: [0.7, 1, 1.6], [0.02, 0.01])
    func keepsTheRisk(times: Double, risk: Double) {
        let share = Self.share(failing: times, risk: risk)
        #expect((0.75...0.95).contains(share / risk), "\(share)")
    }

    @Test("The first thousand runs change nothing")
    func warmUp() {
        var feedback = RiskFeedback()
        for run in 0..<1000 { feedback.learn(held: run % 2 == 0, risk: 0.02, runs: run) }
        #expect(feedback.asked(for: 0.02) == 0.02)
        feedback.learn(held: false, risk: 0.02, runs: 1000)
        #expect(feedback.asked(for: 0.02) < 0.02)
    }

    @Test("Whatever happens, no more than twice and no less than half the stated risk is asked for")
    func bounds() {
        for held in [true, false] {
            var feedback = RiskFeedback()
            for run in 0..<100_000 { feedback.learn(held: held, risk: 0.02, runs: run) }
            #expect((0.0099...0.0403).contains(feedback.asked(for: 0.02)))
            #expect(feedback.asked(for: 0.5) <= 0.5)
        }
    }
}
