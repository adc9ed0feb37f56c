import Builds
import Hummingbird
import Storage
import Telemetry

/// `/metrics`: Prometheus text.
struct MetricsController: Sendable {
    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock
    let startedAt: Timestamp
    let replica: @Sendable () async -> ReplicaStatus

    func addRoutes(to routes: some RouterMethods<APIRequestContext>) {
        routes.get("/metrics", use: show)
    }

    @Sendable private func show(_ request: Request, context: APIRequestContext) async throws -> Response {
        // A store that is away must not take the rest of the page with it.
        let rows = (try? await store.counts()) ?? [:]
        let page = MetricsPage(
            counts: metrics.counts, learner: await learner.status, modelAges: await modelAges(), storeRows: rows,
            startedAt: startedAt, replica: await replica())
        return .text(page.text, contentType: PrometheusText.contentType)
    }

    private func modelAges() async -> [TenantID: Double] {
        var ages: [TenantID: Double] = [:]
        let now = clock.now()
        for tenant in (try? await store.tenants()) ?? [] {
            guard let models = try? await store.models(tenant: tenant), let active = models.first(where: \.isActive)
            else { continue }
            ages[tenant] = max(0, now.seconds(since: active.createdAt))
        }
        return ages
    }
}
