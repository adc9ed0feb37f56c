import Builds
import Optimizer
import Storage

/// Training models, and putting them into force.
extension TenantLearner {
    /// What came of a training.
    struct TrainingResult: Sendable {
        var model: StoredModel
        var choice: ModelChoice
    }

    /// True when enough was learned since the last try for another training to pay.
    var isTrainingDue: Bool {
        guard let recommender, resources.training.library != nil, recommender.isTrainingDue else { return false }
        return TrainingSchedule.isDueAgain(runs: recommender.observedCount, triedAt: triedTrainingAt)
    }

    /// As ``isTrainingDue``, when what other servers trained is counted as well.
    func isTrainingStillDue() async throws -> Bool {
        try await bringUpToDate()
        triedTrainingAt = max(triedTrainingAt, try await newestTraining())
        return isTrainingDue
    }

    /// Runs learned when the newest model was trained, by whichever server; 0 for none.
    func newestTraining() async throws -> Int {
        try await resources.store.models(tenant: tenant)
            .compactMap { $0.metrics[ModelChoice.observedRuns] }.compactMap(Int.init(exactly:)).max() ?? 0
    }

    /// Trains a model on what is known now, keeps it, and puts it into force if ``ModelChoice`` says so.
    ///
    /// - Throws: ``APIError`` 409 when LightGBM is missing or too little is known.
    func train() async throws -> TrainingResult {
        if let training { return try await training.value }
        let task = Task {
            defer { training = nil }
            return try await trainAlone()
        }
        training = task
        return try await task.value
    }

    /// What a model is trained on now.
    func trainingSet() async throws -> TrainingSet {
        try await bringUpToDate()
        guard let set = recommender?.trainingSet() else {
            throw StoreError.unavailable("what was learned is being rebuilt")
        }
        return set
    }

    private func trainAlone() async throws -> TrainingResult {
        try await keep { [resources] set, version, library in
            do {
                return try await resources.training.train(set, version: version, library: library)
            } catch LightGBMError.unsuitable(let message) {
                throw APIError.conflict("No model can be trained yet: \(message).")
            }
        }
    }

    /// Keeps what workers trained together, as ``train()`` keeps what it trains.
    func adopt(_ trees: TrainedTrees) async throws -> TrainingResult {
        try await keep { _, version, library in try trees.model(version: version, library: library) }
    }

    /// Keeps the model that `make` makes, and puts it into force if ``ModelChoice`` says so.
    private func keep(
        _ make: @Sendable (TrainingSet, _ version: String, LightGBM) async throws -> MemoryTreeModel
    ) async throws -> TrainingResult {
        let set = try await trainingSet()
        guard let library = resources.training.library else {
            throw APIError.conflict("LightGBM is not available on this server, so no model can be trained.")
        }
        triedTrainingAt = observedCount
        let activationsBefore = activations
        let now = resources.clock.now()
        let version = try await unusedVersion(now: now, rows: set.count)
        let model = try await make(set, version, library)
        let stored = try await resources.store.models(tenant: tenant)
        guard let rival = recommender?.rival(on: set) else {
            throw StoreError.unavailable("what was learned is being rebuilt")
        }
        var choice = ModelChoice(loss: model.pinballLoss, rival: rival, stored: stored)
        // Somebody chose while this was being trained: the choice stands.
        if activations != activationsBefore { choice.isHeld = true }
        var metrics = model.metrics
        metrics[ModelChoice.lessons] = Double(state?.position ?? 0)
        metrics[ModelChoice.accepted] = choice.isAccepted ? 1 : 0
        metrics[ModelChoice.rivalLoss] = rival.loss
        metrics = metrics.filter(\.value.isFinite)
        let made = StoredModel(
            version: version, createdAt: now, isActive: choice.activates, metrics: metrics,
            bytes: Array(model.text.utf8))
        try await resources.store.save(made, tenant: tenant)
        // Writes are kept in order: a choice made since then is the one in the store.
        if choice.activates && activations == activationsBefore { state?.install(model, version: version) }
        return TrainingResult(model: made, choice: choice)
    }

    /// Puts a stored model into force, or with `nil` the closed form.
    ///
    /// - Throws: `StoreError.unknownModel`; ``APIError`` 409 when the model cannot be used here.
    func activate(_ version: String?) async throws {
        activations += 1
        // A training that ends after this must not undo it.
        _ = await training?.result
        try await rebuildIfNeeded()
        var model: MemoryTreeModel?
        if let version {
            guard let stored = try await resources.store.model(version, tenant: tenant) else {
                throw StoreError.unknownModel(version)
            }
            do {
                model = try resources.model(stored)
            } catch let error as LightGBMError {
                throw APIError.conflict("Model '\(version)' cannot be used: \(error).")
            }
        }
        try await resources.store.activateModel(version, tenant: tenant)
        state?.install(model, version: version)
    }

    /// `memory-20260301T123000Z-214`: when, and from how many rows. Trained twice within a second, `-2` follows.
    private func unusedVersion(now: Timestamp, rows: Int) async throws -> String {
        let whole = Timestamp(microseconds: now.microseconds / 1_000_000 * 1_000_000).rfc3339
        let name = "memory-\(whole.filter { $0 != "-" && $0 != ":" })-\(rows)"
        let taken = Set(try await resources.store.models(tenant: tenant).map(\.version))
        if !taken.contains(name) { return name }
        // Names are finite, so one of them is free.
        return (2...(taken.count + 2)).lazy.map { "\(name)-\($0)" }.first { !taken.contains($0) } ?? name
    }
}
