import Builds
import Hummingbird
import Logging
import Storage

/// What the handlers work with.
struct ServerParts: Sendable {
    var configuration: ServerConfiguration
    /// The tokens of the configuration, as they are now.
    var tokens: @Sendable () -> AccessTokens
    var store: any Store
    var learner: Learner
    var metrics: ServerMetrics
    var clock: WallClock
    var startedAt: Timestamp
    var logger: Logger
    var drain: Drain
    /// Whether this server does the scheduled work.
    var isLeader: @Sendable () -> Bool = { true }
    /// `nil` when nobody is told of events.
    var notifier: Notifier?
}

/// All routes of the server. A new resource is a controller and one line here.
func buildRouter(_ parts: ServerParts) -> Router<APIRequestContext> {
    let router = Router(context: APIRequestContext.self, options: [.autoGenerateHeadEndpoints])
    let (store, learner, metrics, clock) = (parts.store, parts.learner, parts.metrics, parts.clock)
    let readiness = Readiness(store: store, learner: learner, drain: parts.drain)
    let sharing = learner.resources.sharing

    HealthController(readiness: readiness, clock: clock).addRoutes(to: router)
    RootController(readiness: readiness).addRoutes(to: router)
    DocsController().addRoutes(to: router)

    let directory = TokenDirectory(configured: parts.tokens, store: store, clock: clock)
    let audit = AuditLog(store: store, clock: clock, logger: parts.logger)
    let known = router.group().add(middleware: TokenMiddleware(tokens: directory))
    if let perSecond = parts.configuration.requestsPerSecond {
        known.add(middleware: RateLimitMiddleware(limiter: sharing.rateLimiter, perSecond: perSecond))
    }
    MetricsController(
        store: store, learner: learner, metrics: metrics, clock: clock, startedAt: parts.startedAt,
        replica: { await ReplicaStatus(sharing, isLeader: parts.isLeader(), isDraining: parts.drain.hasBegun) }
    ).addRoutes(
        to: parts.configuration.metricsArePublic
            ? router.group() : known.group().add(middleware: ScopeMiddleware(needed: .read)))

    /// Routes for tokens that may do so much.
    func routes(for scope: TokenScope) -> RouterGroup<TenantRequestContext> {
        known.group()
            .add(middleware: ScopeMiddleware(needed: scope))
            .add(middleware: RequestBodyMiddleware(limits: parts.configuration.limits))
            .group(context: TenantRequestContext.self)
    }
    let (ingest, read, operate) = (routes(for: .ingest), routes(for: .read), routes(for: .operate))
    BuildsController(store: store, learner: learner, metrics: metrics, clock: clock, notifier: parts.notifier)
        .addRoutes(to: ingest)
    RunsController(store: store, learner: learner, metrics: metrics, clock: clock)
        .addRoutes(ingest: ingest, read: read)
    BatchController(
        store: store, learner: learner, metrics: metrics, clock: clock, limits: parts.configuration.limits
    ).addRoutes(to: ingest)
    OptimizeController(learner: learner, metrics: metrics, cache: sharing.cache).addRoutes(to: ingest)
    RecommendationsController(store: store).addRoutes(to: read)
    FeaturesController(store: store).addRoutes(to: read)
    ModelsController(store: store, learner: learner, audit: audit).addRoutes(read: read, operate: operate)
    EventsController(store: store).addRoutes(to: read)
    NotificationsController(notifier: parts.notifier).addRoutes(to: read)
    TokensController(store: store, directory: directory, audit: audit).addRoutes(to: routes(for: .admin))
    return router
}
