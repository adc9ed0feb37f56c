import Builds
import Logging
import Optimizer
import Sharing
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
    private var trainingsRunning = 0
    /// Tenants whose runs could not be learned; tried again by ``LearnerService``.
    private var behind: Set<TenantID> = []
    /// Tenants with runs of which an agent has not had its last word; looked at again by ``LearnerService``.
    private var waiting: Set<TenantID> = []
    private(set) var isWarm = false
    /// The server stops: nothing more is begun.
    private var isLeaving = false

    init(resources: LearnerResources) { self.resources = resources }

    // MARK: - For requests

    func recommend(_ request: OptimizationRequest, id: String, tenant: TenantID) async throws -> Recommendation {
        try await with(tenant) { try await $0.recommend(request, id: id) }
    }

    /// See ``TenantLearner/whatIf(_:settings:)``.
    func whatIf(_ request: OptimizationRequest, settings: Settings, tenant: TenantID) async throws -> WhatIf {
        try await with(tenant) { try await $0.whatIf(request, settings: settings) }
    }

    /// Learns the tenant's completed runs. Never throws: what could not be learned is tried again later.
    func runCompleted(tenant: TenantID) async {
        let learning = Task<Void, any Error> { await catchUp(tenant) }
        _ = try? await learning.value(within: Self.patience)
    }

    /// See ``TenantLearner/position()``.
    func position(tenant: TenantID) async throws -> LearningPosition {
        try await with(tenant) { try await $0.position() }
    }

    func train(tenant: TenantID) async throws -> TenantLearner.TrainingResult {
        do {
            trainingsRunning += 1
            defer { trainingsRunning -= 1 }
            let result = try await with(tenant) { try await $0.train() }
            resources.metrics.trained(result.choice.activates ? .activated : .kept)
            if result.choice.activates { await tellOthers(.model, tenant) }
            return result
        } catch {
            resources.metrics.trained(.failed)
            throw error
        }
    }

    func activate(_ version: String?, tenant: TenantID) async throws {
        try await with(tenant) { try await $0.activate(version) }
        await tellOthers(.model, tenant)
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
        if isLeaving { return }
        do {
            let learned = try await with(tenant) { learner in
                let before = await learner.state?.position ?? 0
                try await learner.catchUp()
                return await learner.state?.position ?? 0 > before
            }
            behind.remove(tenant)
            waiting.remove(tenant)
            if await with(tenant, { await $0.awaitsObservations }) { waiting.insert(tenant) }
            if learned { await tellOthers(.lessons, tenant) }
        } catch is CancellationError {
            behind.insert(tenant)
            return
        } catch {
            behind.insert(tenant)
            resources.metrics.learningFailed()
            resources.logger.error(
                "Runs could not be learned; they are tried again", error: error, metadata: ["tenant.id": "\(tenant)"])
            return
        }
        await askForTraining(tenant)
    }

    /// Rebuilds the tenants with rows, so that the first request need not wait.
    func warmUp() async throws {
        for tenant in try await resources.store.tenants().prefix(Self.capacity) {
            await catchUp(tenant)
        }
        if !isLeaving { isWarm = true }
    }

    func retry() async {
        for tenant in behind.union(waiting) { await catchUp(tenant) }
    }

    /// Reads what another server has learned, so that the next question need not wait for it; asks again for trainings that
    /// are due, for that word may be lost as well.
    ///
    /// - Parameter tenant: `nil` for all that are in memory. One that is not is read when it is asked for.
    func refresh(_ tenant: TenantID?) async {
        for tenant in tenant.map({ [$0] }) ?? Array(entries.keys) where entries[tenant] != nil {
            do {
                try await with(tenant) { try await $0.bringUpToDate() }
                await askForTraining(tenant)
            } catch {
                resources.logger.warning(
                    "What other servers learned could not be read", error: error, metadata: ["tenant.id": "\(tenant)"])
            }
        }
    }

    /// Waits for the learning under way, which ends after the run it is at.
    func finish() async {
        isLeaving = true
        for entry in entries.values { await entry.learner.settle() }
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
            trainingsRunning: trainingsRunning)
    }

    // MARK: -

    /// Leaves word that a training is due, for whichever server has a hand free.
    private func askForTraining(_ tenant: TenantID) async {
        guard await with(tenant, { await $0.isTrainingDue }) else { return }
        let job = Job(.training, payload: Array(tenant.rawValue.utf8), key: tenant.rawValue)
        if await resources.sharing.queue.add(job) == .full {
            resources.logger.warning("Too many trainings wait", metadata: ["tenant.id": "\(tenant)"])
        }
    }

    /// Trains if that is still due: another server may have done so meanwhile.
    func trainIfDue(_ tenant: TenantID) async throws {
        guard try await with(tenant, { try await $0.isTrainingStillDue() }) else { return }
        let result = try await train(tenant: tenant)
        resources.logger.info(
            "Model was trained",
            metadata: [
                "tenant.id": "\(tenant)", "model.version": "\(result.model.version)",
                "model.active": "\(result.choice.activates)", "model.reason": "\(result.choice.reason)",
            ])
    }

    private func tellOthers(_ subject: ChangeNotice.Subject, _ tenant: TenantID) async {
        let position = await with(tenant) { await $0.state?.position ?? 0 }
        await resources.sharing.notices.publish(
            ChangeNotice(
                tenant: tenant.rawValue, subject: subject, position: position, publisher: resources.serverID))
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
