import Builds
import Ingest
import Optimizer
import Synchronization

/// What the server counts of itself and of the builds it hears of. Few labels, and never a run or a raw path in one.
final class ServerMetrics: Sendable {
    struct Endpoint: Hashable, Sendable {
        /// The matched route, `/features/{run_id}`.
        var route: String
        var method: String
        /// Class of the answer's status, `2xx`.
        var status: String
    }

    enum TrainingResult: String, Hashable, Sendable, CaseIterable {
        /// Put into force.
        case activated
        /// Kept, but not in force.
        case kept
        case failed
    }

    enum LineResult: String, Hashable, Sendable, CaseIterable {
        case accepted, unchanged, refused
    }

    /// Upper bounds in seconds: from a cached answer to the request timeout, about ×2.5 apart.
    static let latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// What became of a notification, or of a try to send it.
    enum NotificationOutcome: String, Hashable, Sendable, CaseIterable {
        case sent
        /// It is tried again.
        case failed
        /// The receiver asked to wait.
        case throttled
        /// It says the same as another, and was counted.
        case deduplicated
        /// Too old to be told when it was heard of.
        case stale
        /// Given up.
        case dead
    }

    struct Counts: Sendable {
        var latencies: [Endpoint: Distribution] = [:]
        var requestsInFlight = 0
        var refusals: [RefusalReason: UInt64] = [:]
        var runsStarted: UInt64 = 0
        var stepsStarted: UInt64 = 0
        var stepsStopped: UInt64 = 0
        var stepsObserved: UInt64 = 0
        var runsCompleted: [RunStatus: UInt64] = [:]
        var batches: UInt64 = 0
        var batchLines: [LineResult: UInt64] = [:]
        var failOpens: [FailOpen: UInt64] = [:]
        var recommendations: [RecommendationSource: UInt64] = [:]
        var recommendationsFromCache: UInt64 = 0
        var explored: UInt64 = 0
        /// By name of the guardrail.
        var guardrailActions: [String: UInt64] = [:]
        var builds: BuildFigures
        var stepsPruned: UInt64 = 0
        var retentionEndedAt: Timestamp?
        var outcomesLearned: UInt64 = 0
        var learningFailures: UInt64 = 0
        var trainings: [TrainingResult: UInt64] = [:]
        /// By destination.
        var notifications: [String: [NotificationOutcome: UInt64]] = [:]
    }

    private let state: Mutex<Counts>

    /// - Parameter pipelineLimit: pipelines that have series of their own.
    init(pipelineLimit: Int = 100) { state = Mutex(Counts(builds: BuildFigures(pipelineLimit: pipelineLimit))) }

    var counts: Counts { state.withLock { $0 } }

    // MARK: Requests

    func requestBegan() { state.withLock { $0.requestsInFlight += 1 } }

    func requestEnded(route: String, method: String, status: Int, seconds: Double, isReport: Bool) {
        let endpoint = Endpoint(route: route, method: method, status: "\(status / 100)xx")
        state.withLock { counts in
            counts.requestsInFlight -= 1
            counts.latencies[endpoint, default: Distribution(bounds: Self.latencyBounds)].observe(seconds)
            if isReport, let reason = RefusalReason(status: status) { counts.refusals[reason, default: 0] += 1 }
        }
    }

    // MARK: Ingest

    func runStarted(_ run: Run) {
        state.withLock { counts in
            counts.runsStarted += 1
            if let reason = run.failOpen { counts.failOpens[reason, default: 0] += 1 }
        }
    }

    func stepStarted() { state.withLock { $0.stepsStarted += 1 } }
    func stepStopped() { state.withLock { $0.stepsStopped += 1 } }
    func stepObserved() { state.withLock { $0.stepsObserved += 1 } }
    func runCompleted(_ status: RunStatus) { state.withLock { $0.runsCompleted[status, default: 0] += 1 } }

    func batchTaken(_ outcome: BatchOutcome) {
        state.withLock { counts in
            counts.batches += 1
            counts.batchLines[.accepted, default: 0] += UInt64(outcome.answer.accepted)
            counts.batchLines[.unchanged, default: 0] += UInt64(outcome.answer.unchanged)
            counts.batchLines[.refused, default: 0] += UInt64(outcome.answer.refused)
            counts.runsStarted += UInt64(outcome.runsStarted)
            counts.stepsStarted += UInt64(outcome.stepsStarted)
            counts.stepsStopped += UInt64(outcome.stepsStopped)
            counts.stepsObserved += UInt64(outcome.stepsObserved)
            for (status, runs) in outcome.runsCompleted { counts.runsCompleted[status, default: 0] += UInt64(runs) }
            for (reason, runs) in outcome.failOpens { counts.failOpens[reason, default: 0] += UInt64(runs) }
            for (status, lines) in outcome.refusals {
                guard let reason = RefusalReason(status: status) else { continue }
                counts.refusals[reason, default: 0] += UInt64(lines)
            }
        }
    }

    // MARK: Telling

    /// There are these destinations: they are shown also while nothing has happened.
    func notifies(_ destinations: [String]) {
        state.withLock { counts in
            for name in destinations { counts.notifications[name] = [:] }
        }
    }

    func notified(_ destination: String, _ outcome: NotificationOutcome) {
        state.withLock { $0.notifications[destination, default: [:]][outcome, default: 0] += 1 }
    }

    // MARK: Deciding and learning

    func recommended(_ recommendation: Recommendation) {
        state.withLock { counts in
            counts.recommendations[recommendation.source, default: 0] += 1
            if recommendation.explored { counts.explored += 1 }
            for name in Set(recommendation.guardrails.map(\.name)) { counts.guardrailActions[name, default: 0] += 1 }
        }
    }

    func recommendedFromCache() { state.withLock { $0.recommendationsFromCache += 1 } }

    /// A run was learned from, by this server and no other.
    func learned(_ outcomes: Int, from build: BuildAccount?, tenant: TenantID, now: Timestamp) {
        state.withLock { counts in
            counts.outcomesLearned += UInt64(max(0, outcomes))
            if let build { counts.builds.add(build, tenant: tenant, now: now) }
        }
    }

    func raised(_ event: Alert.Kind, tenant: TenantID) { state.withLock { $0.builds.add(event, tenant: tenant) } }
    func learningFailed() { state.withLock { $0.learningFailures += 1 } }
    func trained(_ result: TrainingResult) { state.withLock { $0.trainings[result, default: 0] += 1 } }

    // MARK: Upkeep

    func stepsPruned(_ count: Int) { state.withLock { $0.stepsPruned += UInt64(max(0, count)) } }
    func retentionEnded(at time: Timestamp) { state.withLock { $0.retentionEndedAt = time } }
}
