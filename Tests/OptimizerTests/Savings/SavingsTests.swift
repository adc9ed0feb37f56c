import Builds
import Testing

@testable import Optimizer

@Suite("Savings")
struct SavingsTests {
    /// Runs whose truth is known: those that followed took `saved` less than declared. The model replays the declared
    /// configuration `bias` too high, and knows only half of what makes runs differ.
    static func runs(
        _ count: Int, saved: Double, controlRate: Double, bias: Double = 1, seed: UInt64 = 1
    ) -> [SavingsRun] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            let known = 1 + 0.3 * StandardNormal.draw(using: &generator).clamped(to: -2...2)
            let declared = known * (1 + 0.1 * StandardNormal.draw(using: &generator).clamped(to: -2...2))
            let isControl = generator.nextUnit() < controlRate
            return SavingsRun(
                objective: declared * (isControl ? 1 : 1 - saved), declaredFromWork: bias * declared,
                declaredFromContext: bias * known, isControl: isControl, controlRate: controlRate)
        }
    }

    @Test("All three find what was saved, with intervals that hold it", arguments: [0.3, 0, -0.2])
    func truth(_ saved: Double) throws {
        let report = SavingsReport(Self.runs(3000, saved: saved, controlRate: 0.1))
        for estimate in [report.modelReplay, report.controlArm, report.doublyRobust] {
            let share = try #require(estimate.share)
            let lower = try #require(estimate.lower)
            let upper = try #require(estimate.upper)
            #expect((share - saved).magnitude < 0.05, "\(estimate)")
            #expect((lower...upper).contains(share))
            #expect(lower - 0.01 <= saved && saved <= upper + 0.01, "\(estimate)")
            #expect(estimate.refusal == nil && estimate.runs + report.controlArm.controlRuns == 3000)
        }
        #expect(report.modelReplay.controlRuns == 0)
        #expect(report.ignoredRuns == 0)
    }

    @Test("A model that flatters us misleads its replay, not the doubly robust estimate")
    func biasedModel() throws {
        let report = SavingsReport(Self.runs(4000, saved: 0.1, controlRate: 0.1, bias: 1.3))
        #expect(try #require(report.modelReplay.share) > 0.25)
        #expect((try #require(report.doublyRobust.share) - 0.1).magnitude < 0.04)
    }

    @Test("What the context explains makes the doubly robust interval narrower than the control arm's")
    func narrower() throws {
        let report = SavingsReport(Self.runs(4000, saved: 0.1, controlRate: 0.1))
        func width(_ estimate: SavingsEstimate) throws -> Double {
            try #require(estimate.upper) - #require(estimate.lower)
        }
        #expect(try width(report.doublyRobust) < width(report.controlArm))
    }

    @Test("Its 95 % intervals hold the truth about that often")
    func coverage() throws {
        let truths = try (1...100 as ClosedRange<UInt64>).map { seed in
            let report = SavingsReport(Self.runs(800, saved: 0.2, controlRate: 0.2, seed: seed))
            let lower = try #require(report.doublyRobust.lower)
            return try (lower...#require(report.doublyRobust.upper)).contains(0.2)
        }
        // 95 expected; below 85 or at 100 chance alone is out of the question or nearly so.
        #expect((85...100).contains(truths.count(where: \.self)), "\(truths.count(where: \.self))")
    }

    @Test("Two groups by hand")
    func byHand() throws {
        let followed = (0..<30).map { _ in
            SavingsRun(
                objective: 0.8, declaredFromWork: 1, declaredFromContext: 1.1, isControl: false, controlRate: 0.5)
        }
        let control = (0..<30).map { _ in
            SavingsRun(objective: 1, declaredFromWork: 9, declaredFromContext: 1.1, isControl: true, controlRate: 0.5)
        }
        let report = SavingsReport(followed + control)
        #expect(agree(try #require(report.modelReplay.share), 0.2, within: 1e-12))
        #expect(agree(try #require(report.controlArm.share), 0.2, within: 1e-12))
        // (30 × 1.1 + 30 × (1.1 − 2 × 0.1)) / 60 = 1
        #expect(agree(try #require(report.doublyRobust.share), 0.2, within: 1e-12))
        #expect(report.doublyRobust.effectiveControlRuns == 30)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var followed: Int
        var control: Int
        var refusal: SavingsEstimate.Refusal
    }

    @Test(
        "From too little, no number is given",
        arguments: [
            Refused(testDescription: "nothing", followed: 0, control: 0, refusal: .tooFewRuns),
            Refused(testDescription: "29 runs", followed: 29, control: 50, refusal: .tooFewRuns),
            Refused(testDescription: "29 control runs", followed: 500, control: 29, refusal: .tooFewControlRuns),
        ])
    func refuses(_ row: Refused) {
        let one = SavingsRun(
            objective: 1, declaredFromWork: 1, declaredFromContext: 1, isControl: false, controlRate: 0.05)
        var other = one
        other.isControl = true
        let report = SavingsReport(
            Array(repeating: one, count: row.followed) + Array(repeating: other, count: row.control))
        #expect(report.doublyRobust.share == nil && report.doublyRobust.refusal == row.refusal)
        #expect(report.controlArm.share == nil && report.controlArm.refusal == row.refusal)
        #expect((report.modelReplay.share == nil) == (row.followed < 30))
    }

    @Test("A few control runs that stand for nearly everything are no sample")
    func unequalWeights() {
        func control(_ rate: Double) -> SavingsRun {
            SavingsRun(objective: 1, declaredFromWork: 1, declaredFromContext: 1, isControl: true, controlRate: rate)
        }
        var followed = control(0.05)
        followed.isControl = false
        let report = SavingsReport(
            Array(repeating: followed, count: 100) + Array(repeating: control(1), count: 28)
                + [control(0.01), control(0.001)])
        #expect(report.doublyRobust.refusal == .smallEffectiveSample)
        // Weights are 28 × 1 and 2 × 20, for none may be above 20.
        #expect(agree(report.doublyRobust.effectiveControlRuns, 68.0 * 68 / 828, within: 1e-12))
    }

    @Test("What is no number takes no part", arguments: [Double.nan, .infinity, 0, -1])
    func senseless(_ value: Double) {
        var runs = Self.runs(500, saved: 0.1, controlRate: 0.2)
        let before = SavingsReport(runs)
        runs.append(
            SavingsRun(
                objective: value, declaredFromWork: 1, declaredFromContext: 1, isControl: false, controlRate: 0.2))
        let after = SavingsReport(runs)
        #expect(after.ignoredRuns == 1)
        #expect(after.doublyRobust == before.doublyRobust)
    }

    @Test("Runs of a real step: those that followed cost less than declared, and control runs cost as much")
    func endToEnd() throws {
        var configuration = OptimizerConfiguration()
        configuration.explorationRate = 0
        configuration.controlRate = 0.3
        var recommender = Recommender(configuration: configuration)
        var generator = SplitMix64(seed: 12)
        let step = SimulatedStep()
        var runs: [SavingsRun] = []
        for run in 0..<250 {
            let request = OptimizationRequest(target: step.identity, context: .declaring())
            let (answer, ticket) = recommender.recommend(
                request, id: "\(run)", now: SimulatedStep.start, using: &generator)
            let outcome = step.run(answer.settings, context: .declaring(), using: &generator)
            if let run = recommender.savingsRun(of: outcome, ticket: ticket) { runs.append(run) }
            recommender.observe(outcome, ticket: ticket)
        }
        let report = SavingsReport(runs)
        let robust = try #require(report.doublyRobust.share)
        let replay = try #require(report.modelReplay.share)
        #expect(robust > 0.05 && robust < 0.8, "\(report)")
        #expect((robust - replay).magnitude < 0.1, "\(report)")
        #expect(report.controlArm.controlRuns >= 50)
    }

    @Test("A run that followed nothing, did not finish or declares nothing says nothing about savings")
    func notApplicable() {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 13)
        let step = SimulatedStep()
        _ = recommender.live(step, runs: 3, using: &generator)
        let (answer, ticket) = recommender.recommend(
            OptimizationRequest(target: step.identity, context: .declaring()), id: "a", now: SimulatedStep.start,
            using: &generator)
        var outcome = step.run(answer.settings, context: .declaring(), using: &generator)
        #expect(recommender.savingsRun(of: outcome, ticket: ticket) != nil)
        #expect(recommender.savingsRun(of: outcome, ticket: recommender.freshTicket(for: outcome)) == nil)
        outcome.status = .failure
        #expect(recommender.savingsRun(of: outcome, ticket: ticket) == nil)
        let undeclared = recommender.recommend(
            OptimizationRequest(target: step.identity), id: "b", now: SimulatedStep.start, using: &generator
        ).ticket
        outcome.status = .success
        #expect(recommender.savingsRun(of: outcome, ticket: undeclared) == nil)
    }
}
