import Builds
import Hummingbird
import Storage
import Telemetry

/// `/metrics`: Prometheus text, or OpenMetrics for who asks for it.
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
        // Without a token, the operator has decided that who can reach this may see all of it.
        let viewer = context.caller?.tenant
        let page = MetricsPage(
            counts: metrics.counts, learner: await learner.status,
            isLearnerAvailable: learner.resources.training.library != nil, storeFigures: store.figures,
            store: await StoreStatus.read(store, viewer: viewer, now: clock.now()), startedAt: startedAt,
            replica: await replica(), process: ProcessFigures.current(), viewer: viewer)
        let format = Self.format(accepted: request.headers[.accept])
        var response = Response.text(page.text(as: format), contentType: format.contentType)
        response.headers[.vary] = "Accept"
        return response
    }

    /// Scrapers that understand OpenMetrics name it; all of them understand the older format.
    private static func format(accepted: String?) -> PrometheusText.Format {
        accepted?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
    }
}
