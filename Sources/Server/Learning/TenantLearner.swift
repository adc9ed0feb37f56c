import Builds
import Foundation
import Logging
import Optimizer
import Storage

/// The optimizer of one tenant: recommends, learns, and can be rebuilt from the store at any time.
///
/// What is in memory follows from the store's lessons in their order. When a lesson could not be kept, memory is thrown
/// away and rebuilt, instead of being mended.
actor TenantLearner {
    /// Runs learned, and lessons read, in one go.
    private static let runsPerPage = 100
    private static let lessonsPerPage = 1000

    let tenant: TenantID
    let resources: LearnerResources
    private var generator: SplitMix64

    /// `nil` before it was rebuilt.
    var recommender: Recommender?
    private var baselines = DeclaredBaselines()
    private var rebuilding: Task<Void, any Error>?
    /// The catching-up that has begun, and the one that will begin after it.
    private var running: Task<Void, any Error>?
    private var waiting: Task<Void, any Error>?
    /// Runs learned when a training was last tried, successful or not.
    var triedTrainingAt = 0
    /// How often somebody has chosen a model by hand.
    var activations = 0
    /// The training under way; others who want one share it.
    var training: Task<TrainingResult, any Error>?

    init(tenant: TenantID, resources: LearnerResources) {
        self.tenant = tenant
        self.resources = resources
        generator = SplitMix64(seed: resources.seed, stream: tenant.rawValue)
    }

    var observedCount: Int { recommender?.observedCount ?? 0 }
    /// The newest alerts, oldest first.
    var alerts: [Alert] { recommender?.alerts ?? [] }
    var modelVersion: String? { recommender?.modelVersion }

    // MARK: - Recommending

    /// Sizes what the request names. Returns when the recommendation is kept, so that its ticket is there when the
    /// outcome arrives.
    func recommend(_ request: OptimizationRequest, id: String) async throws -> Recommendation {
        try await rebuildIfNeeded()
        guard
            let (recommendation, ticket) = recommender?.recommend(
                baselines.completing(request), id: id, now: resources.clock.now(), using: &generator)
        else { throw StoreError.unavailable("what was learned is being rebuilt") }
        try await resources.store.save(recommendation, ticket: TicketBytes.encode(ticket), tenant: tenant)
        return recommendation
    }

    // MARK: - Learning

    /// Learns every completed run that was not learned from yet, in the order they completed.
    ///
    /// Callers that arrive while one pass runs share the next one: it begins after their runs were recorded.
    func catchUp() async throws {
        let pass: Task<Void, any Error>
        if let waiting {
            pass = waiting
        } else {
            let before = running
            pass = Task {
                _ = await before?.result
                running = waiting
                waiting = nil
                try await learnPending()
            }
            waiting = pass
        }
        try await pass.value
    }

    /// Waits for the passes that have begun or will.
    func settle() async {
        _ = await running?.result
        _ = await waiting?.result
    }

    private func learnPending() async throws {
        try await rebuildIfNeeded()
        while true {
            let runs = try await resources.store.unlearnedRuns(limit: Self.runsPerPage, tenant: tenant)
            if runs.isEmpty { return }
            for run in runs { try await learn(run) }
        }
    }

    private func learn(_ stored: StoredRun) async throws {
        let ticket = try await ticket(named: stored.run.recommendationID)
        try await rebuildIfNeeded()
        var lessons: [Lesson] = []
        do {
            for item in RunOutcomes(run: stored.run, steps: stored.steps).all {
                guard let used = recommender?.observe(item.outcome, ticket: ticket) else { continue }
                baselines.learn(item.outcome)
                lessons.append(
                    Lesson(spanID: item.spanID, outcome: item.outcome, ticket: try TicketBytes.encode(used)))
            }
            let result = try await resources.store.learned(lessons, from: stored.run.id, tenant: tenant)
            // Somebody else learned it: memory now holds it twice.
            if result == .unchanged { recommender = nil }
            resources.metrics.learned(lessons.count)
        } catch {
            recommender = nil
            throw error
        }
    }

    private func ticket(named id: String?) async throws -> Ticket? {
        guard let id, let kept = try await resources.store.recommendation(id, tenant: tenant) else { return nil }
        return TicketBytes.decode(kept.ticket)
    }

    // MARK: - Rebuilding

    /// Brings memory to what the store's lessons say. Many callers share one rebuild.
    func rebuildIfNeeded() async throws {
        while recommender == nil {
            if rebuilding == nil {
                rebuilding = Task {
                    defer { rebuilding = nil }
                    try await rebuild()
                }
            }
            try await rebuilding?.value
        }
    }

    private func rebuild() async throws {
        var fresh = Recommender(configuration: resources.configuration)
        var declared = DeclaredBaselines()
        var last: Int64 = 0
        while true {
            let page = try await resources.store.lessons(after: last, limit: Self.lessonsPerPage, tenant: tenant)
            for stored in page {
                fresh.observe(stored.lesson.outcome, ticket: TicketBytes.decode(stored.lesson.ticket))
                declared.learn(stored.lesson.outcome)
            }
            guard page.count == Self.lessonsPerPage, let newest = page.last else { break }
            last = newest.number
        }
        if let active = try await resources.store.activeModel(tenant: tenant), let model = load(active) {
            fresh.install(model)
        }
        // A restart is no reason to train again.
        let trained = try await resources.store.models(tenant: tenant)
        triedTrainingAt =
            trained.compactMap { $0.metrics[ModelChoice.observedRuns] }.compactMap(Int.init(exactly:)).max() ?? 0
        recommender = fresh
        baselines = declared
        resources.logger.info(
            "Rebuilt what was learned",
            metadata: ["tenant.id": "\(tenant)", "outcomes.count": "\(fresh.observedCount)"])
    }

    /// `nil` when it cannot be used here; the closed form then decides, as it would without a model.
    private func load(_ stored: StoredModel) -> MemoryTreeModel? {
        do {
            return try resources.model(stored)
        } catch {
            resources.logger.warning(
                "Stored model cannot be used", error: error,
                metadata: ["tenant.id": "\(tenant)", "model.version": "\(stored.version)"])
            return nil
        }
    }
}

/// Tickets as the store keeps them.
enum TicketBytes {
    // A ticket of a hopeless prediction may hold an infinity, which JSON has no number for.
    private static let (infinity, minusInfinity, nan) = ("inf", "-inf", "nan")

    static func encode(_ ticket: Ticket) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
        return Array(try encoder.encode(ticket))
    }

    /// `nil` for bytes of another version: the outcome is then learned as if nobody had asked.
    static func decode(_ bytes: [UInt8]) -> Ticket? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: infinity, negativeInfinity: minusInfinity, nan: nan)
        return try? decoder.decode(Ticket.self, from: Data(bytes))
    }
}
