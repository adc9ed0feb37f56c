import Telemetry

/// What the server works with: its database, and the servers beside it.
extension MetricsPage {
    func database(_ page: inout PrometheusText) {
        page.gauge(
            "inframind_database_up", help: "1 when the database answered for this page, within two seconds.",
            [.init(value: store == nil ? 0 : 1)])
        page.gauge(
            "inframind_store_rows", help: "Rows ever written, by kind.",
            (store?.rows ?? [:]).sorted { $0.key < $1.key }.map {
                .init(labels: ["kind": $0.key], value: Double($0.value))
            })
        page.histogram(
            "inframind_store_commit_writes", help: "Writes that shared a transaction.",
            [.init(storeFigures.groupSizes)])
        page.histogram(
            "inframind_store_commit_duration_seconds",
            help: "Time that transactions took, the wait for the disk included.",
            [.init(storeFigures.commitSeconds)])
        page.counter(
            "inframind_store_commit_failures_total", help: "Transactions that the database did not commit.",
            [.init(value: Double(storeFigures.failures))])
        page.gauge(
            "inframind_store_waiting_writes", help: "Writes that wait for a transaction.",
            [.init(value: Double(storeFigures.waiting))])
        page.counter(
            "inframind_steps_pruned_total", help: "Steps let go of because they were older than retention-days.",
            [.init(value: Double(counts.stepsPruned))])
        page.gauge(
            "inframind_retention_completed_timestamp_seconds",
            help: "When this server last looked through all tenants for steps to let go of, seconds since 1970.",
            counts.retentionEndedAt.map { [.init(value: $0.seconds)] } ?? [])
    }

    func replicas(_ page: inout PrometheusText) {
        page.gauge(
            "inframind_leader", help: "1 when this server does the scheduled work of its database.",
            [.init(value: replica.isLeader ? 1 : 0)])
        page.gauge(
            "inframind_draining", help: "1 when this server is about to stop.",
            [.init(value: replica.isDraining ? 1 : 0)])
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
        if case .up(let seconds) = replica.sharing {
            page.gauge(
                "inframind_redis_latency_seconds", help: "How long Redis took to answer last.",
                [.init(value: seconds)])
        }
        page.counter(
            "inframind_redis_calls_total", help: "Calls that Redis answered, and those this server answered by itself.",
            [
                .init(labels: ["result": "answered"], value: Double(redis.answered)),
                .init(labels: ["result": "failed"], value: Double(redis.failed)),
            ])
        page.counter(
            "inframind_redis_connections_total", help: "Times the connection to Redis was made.",
            [.init(value: Double(redis.connections))])
    }

    func notifications(_ page: inout PrometheusText) {
        if counts.notifications.isEmpty { return }
        page.counter(
            "inframind_notifications_total", help: "Notifications by destination and what became of them.",
            counts.notifications.sorted { $0.key < $1.key }.flatMap { destination, outcomes in
                ServerMetrics.NotificationOutcome.allCases.map {
                    .init(
                        labels: ["destination": destination, "outcome": $0.rawValue],
                        value: Double(outcomes[$0] ?? 0))
                }
            })
    }
}
