import Builds
import Foundation
import Logging
import Optimizer
import Storage

/// `train-split` and `train-adopt`: what comes before and after the workers of a distributed training.
struct DistributedTraining {
    private let configuration: ServerConfiguration
    private let environment: [String: String]
    private let logger: Logger

    init(_ configuration: ServerConfiguration, environment: [String: String], logger: Logger) {
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
    }

    /// Writes what a model is trained on, a file for each of so many workers, into a folder.
    ///
    /// - Throws: ``UpkeepError``, ``ConfigurationError``, `StoreError`, `LightGBMError`, `TrainWorkerError`.
    func split(_ tenant: TenantID, workers: String, to folder: String) async throws {
        guard let count = Int(workers) else {
            throw ConfigurationError(key: "--workers", "must be a whole number, is '\(workers)'")
        }
        try await with(tenant) { learner in
            let shards = try await learner.trainingSet().shards(count)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for shard in shards {
                let path = "\(folder)/shard-\(shard.rank)"
                try shard.write(to: path)
                print("\(path): \(shard.rowCount) runs")
            }
        }
    }

    /// Keeps the model that a worker wrote, in force if it is no worse.
    ///
    /// - Throws: as ``split(_:workers:to:)``.
    func adopt(_ tenant: TenantID, from path: String) async throws {
        try await with(tenant) { learner in
            let result = try await learner.adopt(TrainedTrees(path: path))
            print("\(result.model.version): \(result.choice.reason)")
        }
    }

    private func with(_ tenant: TenantID, _ body: (TenantLearner) async throws -> Void) async throws {
        guard configuration.database.mayExist else {
            throw UpkeepError("there is no database at \(configuration.database.name)")
        }
        let store = try await configuration.database.open()
        do {
            try await body(try learner(tenant, store))
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
    }

    private func learner(_ tenant: TenantID, _ store: any Store) throws -> TenantLearner {
        let library = try loadLightGBM(configured: configuration.lightGBMPath, environment: environment)
        return TenantLearner(
            tenant: tenant,
            resources: LearnerResources(
                store: store, configuration: configuration.optimizer, seed: configuration.seed,
                training: TrainingQueue(library: library), clock: .system, metrics: ServerMetrics(), logger: logger))
    }
}
