import Builds
import Testing

@testable import Optimizer

@Suite("Drift, anomalies and rollback")
struct DriftTests {
    static func residual(_ standardised: Double) -> DriftWatch.Residual {
        DriftWatch.Residual(quantity: .memory, standardised: standardised, expected: 1, observed: 2)
    }

    @Test("A lasting shift is drift, found once and then watched anew", arguments: [2.0, -2.0])
    func shift(_ shift: Double) {
        var watch = DriftWatch()
        let findings = (0..<15).map { watch.learn([Self.residual(shift)], runs: $0) }
        // 1.5 a run beyond the slack: above 15 at the eleventh.
        #expect(findings.firstIndex { !$0.isEmpty } == 10)
        #expect(findings.flatMap(\.self).map(\.kind) == [.drift])
        #expect(watch.hasDrifted(runs: 30))
        #expect(!watch.hasDrifted(runs: 31))
    }

    @Test("Noise around nothing is no drift")
    func noise() {
        var watch = DriftWatch()
        var generator = SplitMix64(seed: 1)
        let findings = (0..<2000).flatMap { run in
            watch.learn([Self.residual(StandardNormal.draw(using: &generator).clamped(to: -3...3))], runs: run)
        }
        #expect(findings.count(where: { $0.kind == .drift }) <= 1)
    }

    @Test("One run far off is an anomaly, and what is no number is nothing")
    func anomaly() {
        var watch = DriftWatch()
        let far = watch.learn([Self.residual(5)], runs: 9)
        let senseless = watch.learn([Self.residual(.nan), Self.residual(.infinity)], runs: 10)
        #expect(far.map(\.kind) == [.anomaly])
        #expect(senseless.isEmpty)
    }

    @Test("A configuration that does clearly worse than the declared one is banned for twenty runs")
    func rollback() {
        var rollback = RollbackGuard()
        let candidate = Candidate(jobs: 8, cores: 8)
        let bans = (0..<4).map { run in
            rollback.learn(candidate, objective: 1.3 + 0.01 * Double(run), declaredObjective: 1, runs: run)
        }
        #expect(bans == [false, false, false, true])
        #expect(rollback.banned(runs: 22) == [candidate])
        #expect(rollback.banned(runs: 23).isEmpty)
    }

    @Test("A configuration that is better, or worse by chance only, is not")
    func noRollback() {
        var rollback = RollbackGuard()
        for (run, objective) in [0.9, 1.9, 0.8, 1.8, 0.9, 1.7].enumerated() {
            let isBanned = rollback.learn(
                Candidate(jobs: 8, cores: 8), objective: objective, declaredObjective: 1, runs: run)
            #expect(!isBanned)
        }
        let impossible = rollback.learn(
            Candidate(jobs: 1, cores: 1), objective: 1, declaredObjective: 0, runs: 9)
        #expect(!impossible)
    }

    @Test("A step that changes raises alerts with its numbers, mentions it in its answer and trusts itself less")
    func endToEnd() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 3)
        var step = SimulatedStep()
        _ = recommender.live(step, runs: 40, using: &generator)
        let before = recommender.next(step.identity)
        step.workSeconds *= 3
        step.serialSeconds *= 20
        step.peakGiB *= 2
        _ = recommender.live(step, runs: 8, using: &generator)
        let after = recommender.next(step.identity)
        #expect(recommender.alerts.contains { $0.kind == .anomaly && $0.text.hasPrefix("Memory spike: ") })
        #expect(recommender.alerts.contains { $0.kind == .anomaly && $0.text.hasPrefix("More work") })
        #expect(recommender.alerts.contains { $0.kind == .drift })
        #expect(after.reasons.contains { $0.code == "drift" })
        #expect(after.confidence < before.confidence)
    }

    @Test("A machine that turns parallel work into waiting makes the optimizer take its choice back")
    func rollbackEndToEnd() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 4)
        let step = SimulatedStep()
        _ = recommender.live(step, runs: 12, using: &generator)
        for _ in 0..<8 {
            let request = OptimizationRequest(target: step.identity, context: .declaring())
            let (answer, ticket) = recommender.recommend(
                request, id: "a", now: SimulatedStep.start, using: &generator)
            var outcome = step.run(answer.settings, context: .declaring(), using: &generator)
            outcome.usage.wallSeconds = outcome.usage.wallSeconds.map { $0 * 6 }
            recommender.observe(outcome, ticket: ticket)
        }
        #expect(recommender.alerts.contains { $0.kind == .rollback })
    }

    @Test(
        "Every finding has words of its own",
        arguments: DriftWatch.Quantity.allCases, [Alert.Kind.anomaly, .drift])
    func words(_ quantity: DriftWatch.Quantity, _ kind: Alert.Kind) {
        var generator = SplitMix64(seed: 1)
        let outcome = SimulatedStep().run(Settings(), context: BuildContext(), using: &generator)
        func text(_ observed: Double) -> String {
            DriftWatch.Finding(kind: kind, quantity: quantity, expected: 2, observed: observed).alert(outcome).text
        }
        #expect(text(4) != text(1))
        #expect(text(4).contains("4 ") && text(4).contains("2 "))
    }
}
