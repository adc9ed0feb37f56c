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

    /// - Throws: ``UpkeepError``, ``ConfigurationError``, `StoreError`, `LightGBMError`, `TrainWorkerError`.
    func run(_ command: ServerCommand, _ values: [ServerCommand.Flag: String]) async throws {
        guard configuration.database.mayExist else {
            throw UpkeepError("there is no database at \(configuration.database.name)")
        }
        let store = try await configuration.database.open()
        do {
            let learner = try learner(TenantID(values[.tenant] ?? TenantID.default.rawValue), store)
            switch command {
            case .trainSplit: try await split(learner, values[.workers] ?? "", to: values[.to] ?? "")
            default: try await adopt(learner, from: values[.from] ?? "")
            }
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
    }

    private func split(_ learner: TenantLearner, _ workers: String, to folder: String) async throws {
        guard let count = Int(workers) else {
            throw ConfigurationError(key: "--workers", "must be a whole number, is '\(workers)'")
        }
        let shards = try await learner.trainingSet().shards(count)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for shard in shards {
            let path = "\(folder)/shard-\(shard.rank)"
            try shard.write(to: path)
            print("\(path): \(shard.rowCount) runs")
        }
    }

    private func adopt(_ learner: TenantLearner, from path: String) async throws {
        let result = try await learner.adopt(TrainedTrees(path: path))
        print("\(result.model.version): \(result.choice.reason)")
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
