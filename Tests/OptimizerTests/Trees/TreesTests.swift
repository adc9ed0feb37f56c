import Builds
import Testing

@testable import Optimizer

@Suite("Training schedule and loading")
struct TrainingScheduleTests {
    @Test(
        "A model is due after fifty runs, then after half as many again or 500 more",
        arguments: [
            (49, nil, false), (50, nil, true), (74, 50, false), (75, 50, true), (2499, 2000, false), (2500, 2000, true),
            (50, 0, true), (49, 0, false),
        ] as [(Int, Int?, Bool)])
    func due(_ runs: Int, _ trained: Int?, _ isDue: Bool) {
        #expect(TrainingSchedule.isDue(runs: runs, trainedRuns: trained) == isDue)
    }

    @Test(
        "A library that is not there, or is another one, is refused with a message",
        arguments: ["/nowhere.so", "libc.so.6"])
    func missing(_ path: String) {
        #expect {
            try LightGBM(path: path)
        } throws: { error in
            "\(error)".hasPrefix("cannot load LightGBM from \(path): ")
        }
    }
}

@Suite("LightGBM", .enabled(if: LightGBMLocation.path != nil, LightGBMLocation.absent))
struct TreesTests {
    let library: LightGBM

    init() throws {
        library = try LightGBM(path: try #require(LightGBMLocation.path))
    }

    /// Rows whose target follows the first feature; the third is sometimes missing.
    static func rows(_ count: Int) -> TrainingSet {
        var generator = SplitMix64(seed: 1)
        let rows = (0..<count).map { _ in
            let x = Double.random(in: -1...1, using: &generator)
            let missing = Bool.random(using: &generator)
            return TrainingRow(
                features: [x, Double.random(in: 0...1, using: &generator), missing ? nil : x],
                target: 2 * x + 0.1 * StandardNormal.draw(using: &generator))
        }
        return TrainingSet(rows: rows, observedRuns: count + 7)
    }

    @Test("A model learns the quantile of the errors and is judged on the newest rows")
    func trains() throws {
        let model = try ModelTrainer.train(Self.rows(600), version: "v1", library: library)
        #expect(model.version == "v1")
        #expect(model.metrics["rows"] == 600 && model.metrics["observed_runs"] == 607)
        let coverage = try #require(model.metrics["coverage"])
        #expect((0.75...1).contains(coverage), "\(coverage)")
        #expect(try #require(model.metrics["mae"]) < 1, "\(model.metrics)")
        #expect(try #require(model.metrics["pinball_loss"]) < 0.1)
        #expect(try #require(model.metrics["sharpness"]) > 0.3)
        let high = try #require(model.correctionGiB(features: [0.8, 0.5, nil]))
        let low = try #require(model.correctionGiB(features: [-0.8, 0.5, -0.8]))
        #expect(high > 1.2 && low < -0.2, "\(high) \(low)")
        #expect(model.correctionGiB(features: [0.8]) == nil)
    }

    @Test("The same rows give the same model, and a stored one predicts the same")
    func reload() throws {
        let model = try ModelTrainer.train(Self.rows(200), version: "v1", library: library)
        let again = try ModelTrainer.train(Self.rows(200), version: "v1", library: library)
        #expect(model.text == again.text)
        let stored = try MemoryTreeModel(version: "v1", text: model.text, metrics: model.metrics, library: library)
        for x in [-0.9, -0.1, 0.4] {
            #expect(stored.correctionGiB(features: [x, 0.5, x]) == model.correctionGiB(features: [x, 0.5, x]))
        }
        #expect(stored.observedRuns == 207)
    }

    @Test("Too few rows and what is no model are refused")
    func refuses() {
        #expect(throws: LightGBMError.self) { try ModelTrainer.train(Self.rows(19), version: "v", library: library) }
        #expect(throws: LightGBMError.self) {
            try MemoryTreeModel(version: "v", text: "not a model", metrics: [:], library: library)
        }
        #expect(throws: LightGBMError.self) {
            let uneven = Self.rows(20).rows + [TrainingRow(features: [1], target: 1)]
            _ = try Booster(rows: uneven[...], parameters: "verbosity=-1", rounds: 1, library: library)
        }
    }

    @Test("A model in force takes part, is named in the answer, and leaves what is stored alone")
    func installed() throws {
        var recommender = Recommender.plain()
        var generator = SplitMix64(seed: 2)
        var step = SimulatedStep(noise: 0.3)
        for index in 0..<60 {
            step.identity.pipeline = "p\(index % 4)"
            step.peakGiB = 1 + Double(index % 4)
            #expect(recommender.isTrainingDue == (index >= 50))
            var context = BuildContext.declaring()
            context.baseline?.memoryBytes = 64 << 30
            let outcome = step.run(
                Settings(jobs: 4, cpuMillicores: 4000), context: context, using: &generator)
            recommender.observe(outcome, ticket: nil)
        }
        #expect(recommender.trainingSet().count == 60)
        let before = recommender.next(step.identity)
        let model = try ModelTrainer.train(recommender.trainingSet(), version: "m-1", library: library)
        let closedForm = recommender
        recommender.install(model)
        #expect(!recommender.isTrainingDue)
        let isSame = recommender == closedForm
        #expect(isSame)
        let after = recommender.next(step.identity)
        #expect(after.modelVersion == "m-1" && after.source == .model)
        #expect(before.modelVersion == "closed-form" && before.source == .history)
        #expect(after.settings.memoryBytes != before.settings.memoryBytes)
        recommender.install(nil)
        let back = recommender.next(step.identity)
        #expect(back == before)
    }

    @Test("Predictions from many threads at once agree")
    func threads() async throws {
        let model = try ModelTrainer.train(Self.rows(100), version: "v", library: library)
        let expected = model.correctionGiB(features: [0.3, 0.5, 0.3])
        let agreeing = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).count { _ in model.correctionGiB(features: [0.3, 0.5, 0.3]) == expected } }
            }
            return await group.reduce(0, +)
        }
        #expect(agreeing == 1600)
    }
}
