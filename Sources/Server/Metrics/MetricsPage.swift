import Builds
import Sharing
import Storage
import Telemetry

/// The page `/metrics` shows; `docs/reference/metrics.md` is its reference.
///
/// One method for each section of the reference, in its order. A word that can be a label's value stands there from the
/// start with 0: a rate misses the first event of a series that was not there before.
struct MetricsPage: Sendable {
    var counts: ServerMetrics.Counts
    var learner: Learner.Status
    /// Whether models can be trained here.
    var isLearnerAvailable: Bool
    var storeFigures: StoreFigures
    /// `nil` when the database does not answer.
    var store: StoreStatus?
    var startedAt: Timestamp
    var replica: ReplicaStatus
    /// `nil` where the kernel does not say.
    var process: ProcessFigures?
    /// Whose builds are shown; `nil` for all tenants'.
    var viewer: TenantID?

    func text(as format: PrometheusText.Format = .prometheus) -> String {
        var page = PrometheusText(format)
        server(&page)
        requests(&page)
        ingest(&page)
        recommendations(&page)
        builds(&page)
        resources(&page)
        learning(&page)
        models(&page)
        database(&page)
        replicas(&page)
        notifications(&page)
        return page.text
    }

    /// Whether the viewer may see what belongs to the tenant that the label names.
    func shows(_ tenant: String) -> Bool {
        guard let viewer else { return true }
        // What stands for the rest is nobody's own.
        return tenant == viewer.rawValue && tenant != BuildFigures.rest
    }
}

extension MetricsPage {
    private func server(_ page: inout PrometheusText) {
        page.gauge(
            "inframind_build_info", help: "The version of the server; always 1.",
            [.init(labels: ["version": Version.current], value: 1)])
        page.gauge(
            "process_start_time_seconds", help: "When the server started, seconds since 1970.",
            [.init(value: startedAt.seconds)])
        guard let process else { return }
        page.counter(
            "process_cpu_seconds_total", help: "CPU time of the server.", [.init(value: process.cpuSeconds)])
        page.gauge(
            "process_resident_memory_bytes", help: "Resident memory of the server.",
            [.init(value: Double(process.residentBytes))])
        page.gauge("process_threads", help: "Threads of the server.", [.init(value: Double(process.threads))])
        page.gauge(
            "process_open_fds", help: "File descriptors that are open, connections among them.",
            process.openDescriptors.map { [.init(value: Double($0))] } ?? [])
        page.gauge(
            "process_max_fds", help: "File descriptors that may be open.",
            process.descriptorLimit.map { [.init(value: $0)] } ?? [])
    }

    private func requests(_ page: inout PrometheusText) {
        let endpoints = counts.latencies.sorted {
            ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
        }
        page.counter(
            "inframind_http_requests_total", help: "Requests answered, by route, method and class of status.",
            endpoints.map { endpoint, latencies in
                .init(
                    labels: ["route": endpoint.route, "method": endpoint.method, "status": endpoint.status],
                    value: Double(latencies.counts.reduce(0, +)))
            })
        page.histogram(
            "inframind_http_request_duration_seconds", help: "Time from the request's head to its answer.",
            endpoints.map { endpoint, latencies in
                .init(
                    labels: ["route": endpoint.route, "method": endpoint.method, "status": endpoint.status],
                    latencies)
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
            .each(RunStatus.self, "status") { counts.runsCompleted[$0] })
        page.counter(
            "inframind_batches_total", help: "Batches taken.", [.init(value: Double(counts.batches))])
        page.counter(
            "inframind_batch_lines_total", help: "Lines of batches, by what became of them.",
            .each(ServerMetrics.LineResult.self, "result") { counts.batchLines[$0] })
        page.counter(
            "inframind_reports_refused_total", help: "Reports, and lines of batches, that were not taken, by reason.",
            .each(RefusalReason.self, "reason") { counts.refusals[$0] })
        page.counter(
            "inframind_fail_opens_total",
            help: "Runs that went on without the settings they asked for, as they say themselves, by reason.",
            .each(FailOpen.self, "reason") { counts.failOpens[$0] })
    }

    private func recommendations(_ page: inout PrometheusText) {
        page.counter(
            "inframind_recommendations_total", help: "Recommendations given, by what they rest on.",
            .each(RecommendationSource.self, "source") { counts.recommendations[$0] })
        page.counter(
            "inframind_recommendations_from_cache_total", help: "Questions answered as they were answered before.",
            [.init(value: Double(counts.recommendationsFromCache))])
        page.counter(
            "inframind_recommendations_explored_total", help: "Recommendations that tried something else.",
            [.init(value: Double(counts.explored))])
        page.counter(
            "inframind_guardrail_actions_total", help: "Recommendations that a guardrail changed, by its name.",
            counts.guardrailActions.sorted { $0.key < $1.key }.map {
                .init(labels: ["guardrail": $0.key], value: Double($0.value))
            })
    }
}
