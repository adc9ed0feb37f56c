import Builds
import Logging
import Optimizer
import Storage

/// The optimizer of one tenant: recommends, learns, and can be rebuilt from the store at any time.
///
/// What is in memory follows from the store's lessons in their order. Learning therefore appends to the store first, and
/// then reads what is new there, its own lessons like those of other servers: at the same position, all of them recommend
/// the same.
actor TenantLearner {
    /// Runs learned, and lessons read, in one go.
    private static let runsPerPage = 100
    private static let lessonsPerPage = 1000
    /// Events of the newest lessons that are written again after a restart.
    private static let eventsToldAgain = 50

    let tenant: TenantID
    let resources: LearnerResources

    /// `nil` before it was rebuilt.
    var state: LearnedState?
    private var rebuilding: Task<Void, any Error>?
    /// The catching-up that has begun, and the one that will begin after it.
    private var running: Task<Void, any Error>?
    private var waiting: Task<Void, any Error>?
    /// The server shuts down: what is not learned yet is learned after the next start, or by another server.
    private var isLeaving = false
    /// Runs that are over while an agent has not had its last word on them, and since when they wait.
    private var unobservedSince: [RunID: ContinuousClock.Instant] = [:]
    /// When the store was last asked how far learning has come.
    private var lookedAt: ContinuousClock.Instant?
    /// Runs learned when a training was last tried, successful or not.
    var triedTrainingAt = 0
    /// How often somebody has chosen a model by hand.
    var activations = 0
    /// Runs this server is writing the lessons of: what these give cause to say is counted here, and by no other server.
    private var countedRuns: Set<RunID> = []
    /// The training under way; others who want one share it.
    var training: Task<TrainingResult, any Error>?

    init(tenant: TenantID, resources: LearnerResources) {
        self.tenant = tenant
        self.resources = resources
    }

    var recommender: Recommender? { state?.recommender }
    var observedCount: Int { recommender?.observedCount ?? 0 }
    var modelVersion: String? { recommender?.modelVersion }

    // MARK: - Recommending

    /// Sizes what the request names. Returns when the recommendation is kept, so that its ticket is there when the
    /// outcome arrives.
    func recommend(_ request: OptimizationRequest, id: String) async throws -> Recommendation {
        try await bringUpToDate(within: resources.freshness)
        let parked = try await lessons(of: recommender?.parkedSteps(coveredBy: request.target) ?? [], before: .max)
        var generator = generator(for: request)
        let completed = state?.baselines.completing(request) ?? request
        guard
            let (recommendation, ticket) = state?.recommender.recommend(
                completed, recalling: parked, id: id, now: resources.clock.now(), using: &generator)
        else { throw StoreError.unavailable("what was learned is being rebuilt") }
        try await resources.store.save(recommendation, ticket: TicketBytes.encode(ticket), tenant: tenant)
        return recommendation
    }

    /// Says what settings would lead to. Nothing is kept: nobody will follow this.
    func whatIf(_ request: OptimizationRequest, settings: Settings) async throws -> WhatIf {
        try await bringUpToDate(within: resources.freshness)
        let parked = try await lessons(of: recommender?.parkedSteps(coveredBy: request.target) ?? [], before: .max)
        let completed = state?.baselines.completing(request) ?? request
        guard
            let answer = state?.recommender.whatIf(
                completed, settings: settings, recalling: parked, now: resources.clock.now())
        else { throw StoreError.unavailable("what was learned is being rebuilt") }
        return answer
    }

    /// Chance that follows from the question and from what is known: asked again, or asked of another server, the answer
    /// is the same.
    private func generator(for request: OptimizationRequest) -> SplitMix64 {
        let target = request.target
        let stream = [
            tenant.rawValue, target.pipeline, target.stage, target.step, request.runID?.rawValue ?? "",
            "\(state?.position ?? 0)",
        ]
        return SplitMix64(seed: resources.seed, stream: stream.joined(separator: "\u{0}"))
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

    /// Ends the passes that have begun or will, each after the run it is at: an import may have left work for minutes.
    func settle() async {
        isLeaving = true
        _ = await running?.result
        _ = await waiting?.result
    }

    private func learnPending() async throws {
        try await rebuildIfNeeded()
        while true {
            let runs = try await resources.store.unlearnedRuns(limit: Self.runsPerPage, tenant: tenant)
            let ready = runs.filter(isObserved)
            unobservedSince = unobservedSince.filter { waiting in runs.contains { $0.run.id == waiting.key } }
            if ready.isEmpty { return }
            for run in ready {
                if isLeaving { return }
                try await learn(run)
            }
        }
    }

    /// Whether runs wait for an agent: to be looked at again soon.
    var awaitsObservations: Bool { !unobservedSince.isEmpty }

    /// Whether there is nothing to wait for: the word that a run is over comes before the agent's last word on its steps,
    /// and what the agent saw is what is learned. An agent that has gone is not waited for long.
    private func isObserved(_ stored: StoredRun) -> Bool {
        if stored.observations.allSatisfy(\.isFinal) { return true }
        let since = unobservedSince[stored.run.id] ?? .now
        if since.duration(to: .now) >= resources.observationPatience { return true }
        unobservedSince[stored.run.id] = since
        return false
    }

    private func learn(_ stored: StoredRun) async throws {
        let followed = try await recommendation(named: stored.run.recommendationID)
        let offered = followed.flatMap { TicketBytes.decode($0.ticket) }
        try await rebuildIfNeeded()
        let items = RunOutcomes(run: stored.run, steps: stored.steps, observations: stored.observations).all
        let steps = Set(items.map(\.outcome.step)).filter { recommender?.isParked($0) ?? false }
        let parked = try await lessons(of: Array(steps), before: .max)
        var lessons: [Lesson] = []
        var accounts: [StepAccount] = []
        for item in items {
            guard
                let used = state?.recommender.ticket(for: item.outcome, offered: offered, recalling: parked)
            else { throw StoreError.unavailable("what was learned is being rebuilt") }
            accounts.append(StepAccount(item.outcome, used, configuration: resources.configuration))
            lessons.append(Lesson(spanID: item.spanID, outcome: item.outcome, ticket: try TicketBytes.encode(used)))
        }
        let usage = RunUsage(
            stored.run, accounts, following: followed?.recommendation, now: resources.clock.now())
        // Unchanged: another server has learned from it, and its lessons are read like one's own.
        countedRuns.insert(stored.run.id)
        defer { countedRuns.remove(stored.run.id) }
        if try await resources.store.learned(lessons, usage: usage, from: stored.run.id, tenant: tenant) == .written {
            resources.metrics.learned(
                lessons.count, from: BuildAccount(stored.run, accounts), tenant: tenant,
                now: resources.clock.now())
        } else {
            countedRuns.remove(stored.run.id)
        }
        try await readLessons()
    }

    private func recommendation(named id: String?) async throws -> StoredRecommendation? {
        guard let id else { return nil }
        return try await resources.store.recommendation(id, tenant: tenant)
    }

    // MARK: - Keeping up with the store

    /// What recommendations follow from: two equal states recommend the same.
    func position() async throws -> LearningPosition {
        try await bringUpToDate(within: resources.freshness)
        return LearningPosition(newestLesson: state?.position ?? 0, activeModel: state?.activeModel)
    }

    /// Reads what other servers have learned and put in force since, if they have.
    ///
    /// - Parameter freshness: how old the last look may be.
    func bringUpToDate(within freshness: Duration = .zero) async throws {
        try await rebuildIfNeeded()
        let now = ContinuousClock.now
        if let lookedAt, lookedAt.duration(to: now) < freshness { return }
        let there = try await resources.store.learningPosition(tenant: tenant)
        if there.newestLesson > state?.position ?? 0 { try await readLessons() }
        if let state, there.activeModel != state.activeModel { try await installActiveModel() }
        lookedAt = now
    }

    /// Two may read the same page: each learns only what lies after ``LearnedState/position``, and pages are in order.
    private func readLessons() async throws {
        var page: [StoredLesson]
        repeat {
            var events: [StoredEvent] = []
            page = try await resources.store.lessons(
                after: state?.position ?? 0, limit: Self.lessonsPerPage, tenant: tenant)
            for stored in page {
                guard let position = state?.position, stored.number > position else { continue }
                if state?.mustRecall(for: stored) == true {
                    let step = stored.lesson.outcome.step
                    let parked = try await lessons(of: [step], before: stored.number)
                    guard state?.position == position else { continue }
                    state?.recommender.recall(step, lessons: parked[step] ?? [])
                }
                let raised = state?.learn(stored) ?? []
                if countedRuns.contains(stored.runID) { count(raised) }
                events += raised
            }
            try await keep(events)
        } while page.count == Self.lessonsPerPage
    }

    private func count(_ events: [StoredEvent]) {
        for kind in events.compactMap({ $0.event.flatMap { Alert.Kind(rawValue: $0.kind) } }) {
            resources.metrics.raised(kind, tenant: tenant)
        }
    }

    private func keep(_ events: [StoredEvent]) async throws {
        if events.isEmpty { return }
        try await resources.store.save(events, tenant: tenant)
        await resources.eventsKept(tenant)
    }

    /// The newest lessons of steps that were put aside.
    private func lessons(of steps: [StepIdentity], before number: Int64) async throws -> [StepIdentity: [PastLesson]] {
        var lessons: [StepIdentity: [PastLesson]] = [:]
        for step in steps {
            lessons[step] = try await resources.store.lessons(
                of: step, before: number, limit: Recommender.lessonsPerRecall, tenant: tenant
            ).compactMap(PastLesson.init)
        }
        return lessons
    }

    /// Brings memory to what the store's lessons say. Many callers share one rebuild.
    func rebuildIfNeeded() async throws {
        while state == nil {
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
        // A restart is no reason to train again.
        triedTrainingAt = try await newestTraining()
        var fresh = LearnedState(configuration: resources.configuration)
        // Those of the last lessons may be missing in the store: a server can end between learning and telling.
        var events: [StoredEvent] = []
        var page: [StoredLesson]
        repeat {
            if isLeaving { throw CancellationError() }
            page = try await resources.store.lessons(
                after: fresh.position, limit: Self.lessonsPerPage, tenant: tenant)
            for stored in page {
                if fresh.mustRecall(for: stored) {
                    let step = stored.lesson.outcome.step
                    let parked = try await lessons(of: [step], before: stored.number)
                    fresh.recommender.recall(step, lessons: parked[step] ?? [])
                }
                events = (events + fresh.learn(stored)).suffix(Self.eventsToldAgain)
            }
        } while page.count == Self.lessonsPerPage
        state = fresh
        try await keep(events)
        try await installActiveModel()
        resources.logger.info(
            "Rebuilt what was learned",
            metadata: ["tenant.id": "\(tenant)", "outcomes.count": "\(fresh.recommender.observedCount)"])
    }

    private func installActiveModel() async throws {
        let active = try await resources.store.activeModel(tenant: tenant)
        state?.install(active.flatMap(load), version: active?.version)
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
