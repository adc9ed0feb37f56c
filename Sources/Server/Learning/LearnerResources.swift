import Builds
import Foundation
import Logging
import Optimizer
import Sharing
import Storage

/// What all tenants' learners share.
struct LearnerResources: Sendable {
    var store: any Store
    var configuration: OptimizerConfiguration
    var seed: UInt64
    var training: TrainingQueue
    var clock: WallClock
    var metrics: ServerMetrics
    var logger: Logger
    /// Where other servers hear what changed, and where trainings wait for one of them.
    var sharing = SharedServices()
    /// Called when events of a tenant were kept.
    var eventsKept: @Sendable (TenantID) async -> Void = { _ in }
    /// See ``ServerConfiguration/learnedFreshness``.
    var freshness = Duration.milliseconds(250)
    /// How long learning waits for an agent's last word on a run that is over.
    var observationPatience = Duration.seconds(10)
    /// This server among those that share a database.
    let serverID = UUID().uuidString.lowercased()

    /// The model of stored bytes.
    ///
    /// - Throws: ``APIError`` 409 when LightGBM is not there; `LightGBMError` when it cannot read the bytes.
    func model(_ stored: StoredModel) throws -> MemoryTreeModel {
        guard let library = training.library else {
            throw APIError.conflict("LightGBM is not available on this server, so no trained model can be in force.")
        }
        return try MemoryTreeModel(
            version: stored.version, text: String(decoding: stored.bytes, as: UTF8.self), metrics: stored.metrics,
            library: library)
    }
}
