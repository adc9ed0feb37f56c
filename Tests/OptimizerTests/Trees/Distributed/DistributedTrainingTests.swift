import Builds
import Scaffolding
import Testing

@testable import Optimizer

@Suite(
    "Training in several processes", .serialized, .enabled(if: LightGBMLocation.path != nil, LightGBMLocation.absent))
struct DistributedTrainingTests {
    let library: LightGBM

    init() throws {
        library = try LightGBM(path: try #require(LightGBMLocation.path))
    }

    /// Trains in `count` processes; what each of them handed back.
    private func trees(_ set: TrainingSet, workers count: Int, machines: String? = nil) throws -> [TrainedTrees] {
        let folder = try TemporaryFolder()
        let machines = try machines ?? FreePorts.machines(count)
        let shards = try set.shards(count)
        for shard in shards { try shard.write(to: "\(folder.path)/shard-\(shard.rank)") }
        let workers = try shards.map { shard in
            try WorkerProcess([
                "rank": "\(shard.rank)", "machines": machines, "shard": "\(folder.path)/shard-\(shard.rank)",
                "model": "\(folder.path)/model-\(shard.rank)", "timeout": "20",
            ])
        }
        for worker in workers {
            let (status, complaint) = try worker.end()
            #expect(status == 0 && complaint.isEmpty, "\(status): \(complaint)")
        }
        #expect(!folder.names().contains { $0.hasSuffix(".partial") })
        return try shards.map { try TrainedTrees(path: "\(folder.path)/model-\($0.rank)") }
    }

    /// Held-out loss and loss on unseen runs for 1, 2 and 3 workers, GiB.
    private func losses(_ set: TrainingSet, unseen: [TrainingRow]) throws -> [(heldOut: Double, unseen: Double)] {
        try (1...3).map { count in
            let all = try trees(set, workers: count)
            #expect(Set(all).count == 1, "the ranks hand back different trees or metrics")
            let model = try #require(all.first).model(version: "v", library: library)
            #expect(model.metrics["rows"] == Double(set.count))
            #expect(model.metrics["observed_runs"] == Double(set.observedRuns))
            return (model.pinballLoss, SimulatedRows.loss(of: model, on: unseen))
        }
    }

    @Test("One, two and three workers give equally good models of simulated runs, and all ranks the same trees")
    func equalQuality() throws {
        let losses = try losses(SimulatedRows.set(6000), unseen: SimulatedRows.rows(4000, seed: 6))
        for other in losses.dropFirst() {
            // Leaves of several workers hold more rows, which is a little better here.
            #expect((0.95...1.02).contains(other.heldOut / losses[0].heldOut), "\(losses)")
            #expect((0.95...1.02).contains(other.unseen / losses[0].unseen), "\(losses)")
        }
    }

    @Test("So they do for a thousand runs of the reference's stream: several are no worse than one")
    func equalQualityOnReferenceStream() throws {
        let rows = try CSVFixture("reference-trees").rows.map { row in
            TrainingRow(
                features: try (0..<10).map { try row.optionalNumber("x\($0)") }, target: try row.number("target"))
        }
        let losses = try losses(TrainingSet(rows: rows, observedRuns: rows.count), unseen: rows.suffix(200))
        for other in losses.dropFirst() {
            // Larger leaves are 5 % better on so few runs.
            #expect((0.9...1.02).contains(other.heldOut / losses[0].heldOut), "\(losses)")
        }
    }

    @Test("A worker alone trains exactly what the server trains by itself")
    func alone() throws {
        let set = SimulatedRows.set(500)
        let model = try ModelTrainer.train(set, version: "v", library: library)
        let trees = try #require(try trees(set, workers: 1).first)
        #expect(trees.text == model.text)
        #expect(trees.metrics == model.metrics)
    }

    @Test("The metrics are those of the model on the newest fifth of the whole set")
    func metrics() throws {
        // Twins of the model that was judged cannot be had, but that of a set without its newest fifth is one.
        let set = SimulatedRows.set(603)
        let older = TrainingSet(rows: Array(set.rows.dropLast(120)), observedRuns: 0)
        let judged = try #require(try trees(older, workers: 3).first).model(version: "v", library: library)
        let expected = try #require(ModelTrainer.evaluate(judged, on: set))
        let trained = try #require(try trees(set, workers: 3).first).metrics
        for (name, value) in expected {
            #expect(agree(try #require(trained[name]), value, within: 1e-9), "\(name)")
        }
    }

    @Test("The same shards on the same ports give the same trees again")
    func again() throws {
        let set = SimulatedRows.set(400)
        let machines = try FreePorts.machines(3)
        let first = try trees(set, workers: 3, machines: machines)
        for _ in 0..<3 { #expect(try trees(set, workers: 3, machines: machines) == first) }
    }

    @Test("Machines may be named, and come in any order of time")
    func names() throws {
        let set = SimulatedRows.set(200)
        let machines = try FreePorts.machines(2).replacing("127.0.0.1", with: "localhost")
        #expect(Set(try trees(set, workers: 2, machines: machines)).count == 1)
    }
}
