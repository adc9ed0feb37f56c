import Builds
import Sharing
import Telemetry

/// The page `/metrics` shows.
struct MetricsPage: Sendable {
    var counts: ServerMetrics.Counts
    var learner: Learner.Status
    /// Seconds since the model in force was trained, by tenant; no entry for the closed form.
    var modelAges: [TenantID: Double]
    /// Rows kept, by kind; empty when the store does not answer.
    var storeRows: [String: Int64]
    var startedAt: Timestamp
    var replica: ReplicaStatus

    var text: String {
        var page = PrometheusText()
        page.gauge(
            "inframind_build_info", help: "The version of the server; always 1.",
            [.init(labels: ["version": Version.current], value: 1)])
        page.gauge(
            "process_start_time_seconds", help: "When the server started, seconds since 1970.",
            [.init(value: startedAt.seconds)])
        requests(&page)
        ingest(&page)
        learning(&page)
        sharing(&page)
        page.gauge(
            "inframind_store_rows", help: "Rows kept, by kind.",
            storeRows.sorted { $0.key < $1.key }.map { .init(labels: ["kind": $0.key], value: Double($0.value)) })
        return page.text
    }

    private func requests(_ page: inout PrometheusText) {
        let endpoints = counts.requests.sorted { ($0.key.route, $0.key.method) < ($1.key.route, $1.key.method) }
        page.counter(
            "inframind_http_requests_total", help: "Requests answered, by route, method and class of status.",
            endpoints.flatMap { endpoint, statuses in
                statuses.sorted { $0.key < $1.key }.map { status, count in
                    .init(
                        labels: ["route": endpoint.route, "method": endpoint.method, "status": status],
                        value: Double(count))
                }
            })
        page.histogram(
            "inframind_http_request_duration_seconds", help: "Time from the request's head to its answer.",
            endpoints.compactMap { endpoint, _ in
                counts.latencies[endpoint].map { latencies in
                    .init(
                        labels: ["route": endpoint.route, "method": endpoint.method],
                        upperBounds: LatencyHistogram.bounds, counts: latencies.counts, sum: latencies.sumSeconds)
                }
            })
        page.gauge(
            "inframind_http_requests_in_flight", help: "Requests being answered.",
            [.init(value: Double(counts.requestsInFlight))])
    }

    private func ingest(_ page: inout PrometheusText) {
        page.counter(
            "inframind_runs_started_total", help: "Runs whose start was recorded.",
            [.init(value: Double(counts.runsStarted))])
        page.counter(
            "inframind_step_events_total", help: "Step events recorded.",
            [
                .init(labels: ["event": "start"], value: Double(counts.stepsStarted)),
                .init(labels: ["event": "stop"], value: Double(counts.stepsStopped)),
                .init(labels: ["event": "usage"], value: Double(counts.stepsObserved)),
            ])
        page.counter(
            "inframind_runs_completed_total", help: "Runs whose end was recorded, by status.",
            RunStatus.allCases.map {
                .init(labels: ["status": $0.rawValue], value: Double(counts.runsCompleted[$0] ?? 0))
            })
        page.counter(
            "inframind_recommendations_total", help: "Recommendations given, by what they rest on.",
            RecommendationSource.allCases.map {
                .init(labels: ["source": $0.rawValue], value: Double(counts.recommendations[$0] ?? 0))
            })
        page.counter(
            "inframind_recommendations_from_cache_total", help: "Questions answered as they were answered before.",
            [.init(value: Double(counts.recommendationsFromCache))])
        page.counter(
            "inframind_recommendations_explored_total", help: "Recommendations that tried something else.",
            [.init(value: Double(counts.explored))])
    }

    private func sharing(_ page: inout PrometheusText) {
        page.gauge(
            "inframind_leader", help: "1 when this server does the scheduled work of its database.",
            [.init(value: replica.isLeader ? 1 : 0)])
        page.counter(
            "inframind_steps_pruned_total", help: "Steps let go of because they were older than retention-days.",
            [.init(value: Double(counts.stepsPruned))])
        page.gauge(
            "inframind_jobs", help: "Jobs in the work queue, by kind and state.",
            replica.jobs.sorted { $0.key < $1.key }.flatMap { kind, figures in
                [("waiting", figures.waiting), ("claimed", figures.claimed), ("dead", figures.dead)].map {
                    .init(labels: ["kind": kind, "state": $0.0], value: Double($0.1))
                }
            })
        guard replica.sharing != .alone, let redis = replica.redis else { return }
        page.gauge(
            "inframind_redis_up", help: "1 when Redis takes what servers share; else each goes on by itself.",
            [.init(value: replica.sharing.isDegraded ? 0 : 1)])
        page.counter(
            "inframind_redis_calls_total", help: "Calls that Redis answered, and those this server answered by itself.",
            [
                .init(labels: ["result": "answered"], value: Double(redis.answered)),
                .init(labels: ["result": "failed"], value: Double(redis.failed)),
            ])
    }

    private func learning(_ page: inout PrometheusText) {
        page.counter(
            "inframind_outcomes_learned_total", help: "Step outcomes learned since the server started.",
            [.init(value: Double(counts.outcomesLearned))])
        page.counter(
            "inframind_learning_failures_total", help: "Times runs could not be learned; they are tried again.",
            [.init(value: Double(counts.learningFailures))])
        page.gauge(
            "inframind_learner_tenants", help: "Tenants whose learned state is in memory.",
            [.init(value: Double(learner.tenantsInMemory))])
        page.gauge(
            "inframind_learner_tenants_behind", help: "Tenants with runs that wait to be learned again.",
            [.init(value: Double(learner.tenantsBehind))])
        page.gauge(
            "inframind_trainings_running", help: "Models being trained.",
            [.init(value: Double(learner.trainingsRunning))])
        page.counter(
            "inframind_trainings_total", help: "Models trained, by what came of it.",
            ServerMetrics.TrainingResult.allCases.map {
                .init(labels: ["result": $0.rawValue], value: Double(counts.trainings[$0] ?? 0))
            })
        page.gauge(
            "inframind_model_age_seconds", help: "Time since the model in force was trained.",
            modelAges.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init(labels: ["tenant": $0.key.rawValue], value: $0.value)
            })
    }
}
