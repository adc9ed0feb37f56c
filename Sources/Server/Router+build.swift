import Builds
import Hummingbird
import Storage

/// What the handlers work with.
struct ServerParts: Sendable {
    var configuration: ServerConfiguration
    var store: any Store
    var learner: Learner
    var metrics: ServerMetrics
    var clock: WallClock
    var startedAt: Timestamp
}

/// All routes of the server. A new resource is a controller and one line here.
func buildRouter(_ parts: ServerParts) -> Router<APIRequestContext> {
    let router = Router(context: APIRequestContext.self, options: [.autoGenerateHeadEndpoints])
    let (store, learner, metrics, clock) = (parts.store, parts.learner, parts.metrics, parts.clock)
    let readiness = Readiness(store: store, learner: learner)

    HealthController(readiness: readiness, clock: clock).addRoutes(to: router)
    RootController(readiness: readiness).addRoutes(to: router)
    DocsController().addRoutes(to: router)

    let token = TokenMiddleware(tokens: parts.configuration.tokens)
    let metricsRoutes = router.group()
    if !parts.configuration.metricsArePublic { metricsRoutes.add(middleware: token) }
    MetricsController(store: store, learner: learner, metrics: metrics, clock: clock, startedAt: parts.startedAt)
        .addRoutes(to: metricsRoutes)

    let tenantRoutes = router.group()
        .add(middleware: token)
        .add(middleware: RequestBodyMiddleware(limits: parts.configuration.limits))
        .group(context: TenantRequestContext.self)
    BuildsController(store: store, learner: learner, metrics: metrics, clock: clock).addRoutes(to: tenantRoutes)
    RunsController(store: store, learner: learner, metrics: metrics, clock: clock).addRoutes(to: tenantRoutes)
    OptimizeController(learner: learner, metrics: metrics).addRoutes(to: tenantRoutes)
    RecommendationsController(store: store).addRoutes(to: tenantRoutes)
    FeaturesController(store: store).addRoutes(to: tenantRoutes)
    ModelsController(store: store, learner: learner).addRoutes(to: tenantRoutes)
    EventsController(store: store).addRoutes(to: tenantRoutes)
    return router
}
