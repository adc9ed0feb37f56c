import Builds
import Logging
import Optimizer
import Storage

/// The optimizers of all tenants. Memory is bounded: those not used for longest are forgotten and rebuilt when asked
/// for.
actor Learner {
    /// A large tenant's optimizer takes about 100 MB, a usual one a few.
    private static let capacity = 32
    /// How long the report of a run waits for the run to be learned; it is durable before. Learning takes milliseconds
    /// unless a long import is being worked off.
    private static let patience = Duration.seconds(1)

    private struct Entry {
        var learner: TenantLearner
        /// Calls in progress; an entry with calls is never forgotten, or two would learn the same runs.
        var calls = 0
        var lastUse: UInt64
    }

    nonisolated let resources: LearnerResources
    private var entries: [TenantID: Entry] = [:]
    private var uses: UInt64 = 0
    private var trainings: [TenantID: Task<Void, Never>] = [:]
    /// Tenants whose runs could not be learned; tried again by ``LearnerService``.
    private var behind: Set<TenantID> = []
    private(set) var isWarm = false

    init(resources: LearnerResources) { self.resources = resources }

    // MARK: - For requests

    func recommend(_ request: OptimizationRequest, id: String, tenant: TenantID) async throws -> Recommendation {
        try await with(tenant) { try await $0.recommend(request, id: id) }
    }

    /// Learns the tenant's completed runs. Never throws: what could not be learned is tried again later.
    func runCompleted(tenant: TenantID) async {
        let learning = Task<Void, any Error> { await catchUp(tenant) }
        _ = try? await learning.value(within: Self.patience)
    }

    func train(tenant: TenantID) async throws -> TenantLearner.TrainingResult {
        do {
            let result = try await with(tenant) { try await $0.train() }
            resources.metrics.trained(result.choice.activates ? .activated : .kept)
            return result
        } catch {
            resources.metrics.trained(.failed)
            throw error
        }
    }

    func activate(_ version: String?, tenant: TenantID) async throws {
        try await with(tenant) { try await $0.activate(version) }
    }

    func observedCount(tenant: TenantID) async throws -> Int {
        try await with(tenant) { learner in
            try await learner.bringUpToDate()
            return await learner.observedCount
        }
    }

    // MARK: - For the service

    /// Learns what is left of the tenant's runs, then trains if that is due.
    func catchUp(_ tenant: TenantID) async {
        do {
            try await with(tenant) { try await $0.catchUp() }
            behind.remove(tenant)
        } catch {
            behind.insert(tenant)
            resources.metrics.learningFailed()
            resources.logger.error(
                "Runs could not be learned; they are tried again", error: error, metadata: ["tenant.id": "\(tenant)"])
            return
        }
        await trainIfDue(tenant)
    }

    /// Rebuilds the tenants with rows, so that the first request need not wait.
    func warmUp() async throws {
        for tenant in try await resources.store.tenants().prefix(Self.capacity) {
            await catchUp(tenant)
        }
        isWarm = true
    }

    func retry() async {
        for tenant in behind { await catchUp(tenant) }
    }

    /// Waits for the learning and the trainings under way.
    func finish() async {
        for entry in entries.values { await entry.learner.settle() }
        for training in trainings.values { await training.value }
    }

    // MARK: - Inspection

    struct Status: Sendable {
        var isWarm: Bool
        var tenantsInMemory: Int
        var tenantsBehind: Int
        var trainingsRunning: Int
    }

    var status: Status {
        Status(
            isWarm: isWarm, tenantsInMemory: entries.count, tenantsBehind: behind.count,
            trainingsRunning: trainings.count)
    }

    // MARK: -

    private func trainIfDue(_ tenant: TenantID) async {
        guard trainings[tenant] == nil else { return }
        guard await with(tenant, { await $0.isTrainingDue }), trainings[tenant] == nil else { return }
        trainings[tenant] = Task {
            do {
                let result = try await train(tenant: tenant)
                resources.logger.info(
                    "Model was trained",
                    metadata: [
                        "tenant.id": "\(tenant)", "model.version": "\(result.model.version)",
                        "model.active": "\(result.choice.activates)", "model.reason": "\(result.choice.reason)",
                    ])
            } catch {
                resources.logger.error("Training failed", error: error, metadata: ["tenant.id": "\(tenant)"])
            }
            trainings[tenant] = nil
        }
    }

    private func with<Value: Sendable, Failure: Error>(
        _ tenant: TenantID, _ body: @Sendable (TenantLearner) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        uses += 1
        let learner = entries[tenant]?.learner ?? TenantLearner(tenant: tenant, resources: resources)
        entries[tenant, default: Entry(learner: learner, lastUse: uses)].calls += 1
        entries[tenant]?.lastUse = uses
        defer {
            entries[tenant]?.calls -= 1
            forgetIdle()
        }
        return try await body(learner)
    }

    private func forgetIdle() {
        while entries.count > Self.capacity,
            let oldest = entries.filter({ $0.value.calls == 0 }).min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            entries[oldest.key] = nil
        }
    }
}
