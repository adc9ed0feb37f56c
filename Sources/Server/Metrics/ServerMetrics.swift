import Builds
import Synchronization

/// What the server counts of itself. Few labels, and never a run or a raw path in one.
final class ServerMetrics: Sendable {
    struct Endpoint: Hashable, Sendable {
        /// The matched route, `/features/{run_id}`.
        var route: String
        var method: String
    }

    enum TrainingResult: String, Hashable, Sendable, CaseIterable {
        /// Put into force.
        case activated
        /// Kept, but not in force.
        case kept
        case failed
    }

    struct Counts: Sendable {
        /// Answers by endpoint and class of status, `2xx`.
        var requests: [Endpoint: [String: UInt64]] = [:]
        var latencies: [Endpoint: LatencyHistogram] = [:]
        var requestsInFlight = 0
        var runsStarted: UInt64 = 0
        var stepsStarted: UInt64 = 0
        var stepsStopped: UInt64 = 0
        var stepsObserved: UInt64 = 0
        var runsCompleted: [RunStatus: UInt64] = [:]
        var recommendations: [RecommendationSource: UInt64] = [:]
        var recommendationsFromCache: UInt64 = 0
        var explored: UInt64 = 0
        var stepsPruned: UInt64 = 0
        var outcomesLearned: UInt64 = 0
        var learningFailures: UInt64 = 0
        var trainings: [TrainingResult: UInt64] = [:]
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    // MARK: Requests

    func requestBegan() { state.withLock { $0.requestsInFlight += 1 } }

    func requestEnded(_ endpoint: Endpoint, status: Int, seconds: Double) {
        state.withLock { counts in
            counts.requestsInFlight -= 1
            counts.requests[endpoint, default: [:]]["\(status / 100)xx", default: 0] += 1
            counts.latencies[endpoint, default: LatencyHistogram()].observe(seconds)
        }
    }

    // MARK: Ingest

    func runStarted(_ count: Int = 1) { state.withLock { $0.runsStarted += UInt64(max(0, count)) } }
    func stepStarted(_ count: Int = 1) { state.withLock { $0.stepsStarted += UInt64(max(0, count)) } }
    func stepStopped(_ count: Int = 1) { state.withLock { $0.stepsStopped += UInt64(max(0, count)) } }
    func stepObserved(_ count: Int = 1) { state.withLock { $0.stepsObserved += UInt64(max(0, count)) } }
    func runCompleted(_ status: RunStatus, _ count: Int = 1) {
        state.withLock { $0.runsCompleted[status, default: 0] += UInt64(max(0, count)) }
    }

    // MARK: Deciding and learning

    func recommended(_ recommendation: Recommendation) {
        state.withLock { counts in
            counts.recommendations[recommendation.source, default: 0] += 1
            if recommendation.explored { counts.explored += 1 }
        }
    }

    func recommendedFromCache() { state.withLock { $0.recommendationsFromCache += 1 } }
    func stepsPruned(_ count: Int) { state.withLock { $0.stepsPruned += UInt64(max(0, count)) } }
    func learned(_ outcomes: Int) { state.withLock { $0.outcomesLearned += UInt64(max(0, outcomes)) } }
    func learningFailed() { state.withLock { $0.learningFailures += 1 } }
    func trained(_ result: TrainingResult) { state.withLock { $0.trainings[result, default: 0] += 1 } }
}
