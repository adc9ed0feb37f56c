import Builds
import Testing

@testable import Optimizer

@Suite("Trees of the reference", .enabled(if: LightGBMLocation.path != nil, LightGBMLocation.absent))
struct ReferenceTreesTests {
    @Test("The reference's rows train the reference's trees: every prediction and its first share agree to 1e-12")
    func predictions() throws {
        let library = try LightGBM(path: try #require(LightGBMLocation.path))
        let fixture = try CSVFixture("reference-trees").rows
        let rows = try fixture.map { row in
            TrainingRow(
                features: try (0..<10).map { try row.optionalNumber("x\($0)") }, target: try row.number("target"))
        }
        let model = try ModelTrainer.train(
            TrainingSet(rows: rows, observedRuns: rows.count), version: "v", library: library)
        for (row, kept) in zip(fixture, rows) {
            let prediction = try #require(model.correctionGiB(features: kept.features))
            let reference = try row.number("prediction")
            #expect(
                (prediction - reference).magnitude <= 1e-12 * max(1, reference.magnitude),
                "row \(row.number): \(prediction) is not \(reference)")
            let share = try #require(model.contributionsGiB(features: kept.features)?.shares.first)
            let referenceShare = try row.number("share0")
            #expect((share - referenceShare).magnitude <= 1e-12 * max(1, referenceShare.magnitude))
        }
    }

    @Test("The shares of the features add up to the correction, and the answer tells them by name")
    func shares() throws {
        let library = try LightGBM(path: try #require(LightGBMLocation.path))
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 2)
        var step = SimulatedStep(noise: 0.3)
        for index in 0..<80 {
            step.identity.pipeline = "p\(index % 4)"
            step.peakGiB = 1 + Double(index % 4)
            let outcome = step.run(
                Settings(jobs: 4, cpuMillicores: 4000), context: .declaring(memoryGiB: 64), using: &generator)
            recommender.observe(outcome, ticket: nil)
        }
        let without = recommender.next(step.identity)
        #expect(!without.reasons.contains { $0.code == "learned_correction" })
        recommender.install(try ModelTrainer.train(recommender.trainingSet(), version: "m", library: library))
        let answer = recommender.next(step.identity)
        let reason = try #require(answer.reasons.first { $0.code == "learned_correction" })
        recommender.configuration.explainsLearnedPart = false
        let unexplained = recommender.next(step.identity)
        #expect(!unexplained.reasons.contains { $0.code == "learned_correction" })
        #expect(unexplained.settings == answer.settings)
        let names = ["all", "tool", "step", "configuration", "branch"].flatMap { level in
            ["last", "largest", "quantile90"].map { "\(level)_\($0)_gb" }
        }
        let shares = try (names + ["spread_gb", "base_gb"]).map { try #require(reason.evidence[$0]?.numberValue) }
        let total = try #require(reason.evidence["correction_gb"]?.numberValue)
        #expect(agree(shares.reduce(0, +), total, within: 1e-9))
        let features = recommender.trainingSet().rows[79].features
        let model = try ModelTrainer.train(recommender.trainingSet(), version: "m", library: library)
        let split = try #require(model.contributionsGiB(features: features))
        let correction = try #require(model.correctionGiB(features: features))
        #expect(agree(split.shares.reduce(split.rest, +), correction, within: 1e-9))
        #expect(model.contributionsGiB(features: [1]) == nil)
    }
}
