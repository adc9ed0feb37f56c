import Builds

/// The page `/metrics` shows.
struct MetricsPage: Sendable {
    var counts: ServerMetrics.Counts
    var learner: Learner.Status
    /// Seconds since the model in force was trained, by tenant; no entry for the closed form.
    var modelAges: [TenantID: Double]
    /// Rows kept, by kind; empty when the store does not answer.
    var storeRows: [String: Int64]
    var startedAt: Timestamp

    var text: String {
        var page = ExpositionText()
        page.family(
            "inframind_build_info", "gauge", help: "The version of the server; always 1.",
            [(["version": Version.current], 1)])
        page.family(
            "process_start_time_seconds", "gauge", help: "When the server started, seconds since 1970.",
            [([:], startedAt.seconds)])
        requests(&page)
        ingest(&page)
        learning(&page)
        page.family(
            "inframind_store_rows", "gauge", help: "Rows kept, by kind.",
            storeRows.sorted { $0.key < $1.key }.map { (["kind": $0.key], Double($0.value)) })
        return page.text
    }

    private func requests(_ page: inout ExpositionText) {
        let endpoints = counts.requests.sorted { ($0.key.route, $0.key.method) < ($1.key.route, $1.key.method) }
        page.family(
            "inframind_http_requests_total", "counter", help: "Requests answered, by route, method and class of status.",
            endpoints.flatMap { endpoint, statuses in
                statuses.sorted { $0.key < $1.key }.map { status, count in
                    (["route": endpoint.route, "method": endpoint.method, "status": status], Double(count))
                }
            })
        page.histogram(
            "inframind_http_request_duration_seconds", help: "Time from the request's head to its answer.",
            endpoints.compactMap { endpoint, _ in
                counts.latencies[endpoint].map { (["route": endpoint.route, "method": endpoint.method], $0) }
            })
        page.family(
            "inframind_http_requests_in_flight", "gauge", help: "Requests being answered.",
            [([:], Double(counts.requestsInFlight))])
    }

    private func ingest(_ page: inout ExpositionText) {
        page.family(
            "inframind_runs_started_total", "counter", help: "Runs whose start was recorded.",
            [([:], Double(counts.runsStarted))])
        page.family(
            "inframind_step_events_total", "counter", help: "Step events recorded.",
            [(["event": "start"], Double(counts.stepsStarted)), (["event": "stop"], Double(counts.stepsStopped))])
        page.family(
            "inframind_runs_completed_total", "counter", help: "Runs whose end was recorded, by status.",
            RunStatus.allCases.map { (["status": $0.rawValue], Double(counts.runsCompleted[$0] ?? 0)) })
        page.family(
            "inframind_recommendations_total", "counter", help: "Recommendations given, by what they rest on.",
            RecommendationSource.allCases.map { (["source": $0.rawValue], Double(counts.recommendations[$0] ?? 0)) })
        page.family(
            "inframind_recommendations_explored_total", "counter", help: "Recommendations that tried something else.",
            [([:], Double(counts.explored))])
    }

    private func learning(_ page: inout ExpositionText) {
        page.family(
            "inframind_outcomes_learned_total", "counter", help: "Step outcomes learned since the server started.",
            [([:], Double(counts.outcomesLearned))])
        page.family(
            "inframind_learning_failures_total", "counter", help: "Times runs could not be learned; they are tried again.",
            [([:], Double(counts.learningFailures))])
        page.family(
            "inframind_learner_tenants", "gauge", help: "Tenants whose learned state is in memory.",
            [([:], Double(learner.tenantsInMemory))])
        page.family(
            "inframind_learner_tenants_behind", "gauge", help: "Tenants with runs that wait to be learned again.",
            [([:], Double(learner.tenantsBehind))])
        page.family(
            "inframind_trainings_running", "gauge", help: "Models being trained.", [([:], Double(learner.trainingsRunning))])
        page.family(
            "inframind_trainings_total", "counter", help: "Models trained, by what came of it.",
            ServerMetrics.TrainingResult.allCases.map { (["result": $0.rawValue], Double(counts.trainings[$0] ?? 0)) })
        page.family(
            "inframind_model_age_seconds", "gauge", help: "Time since the model in force was trained.",
            modelAges.sorted { $0.key.rawValue < $1.key.rawValue }.map { (["tenant": $0.key.rawValue], $0.value) })
    }
}
