import Builds
import Hummingbird
import Logging
import Storage

/// What the handlers work with.
struct ServerParts: Sendable {
    var configuration: ServerConfiguration
    /// The tokens of the configuration, as they are now.
    var tokens: @Sendable () -> AccessTokens
    /// The session keys of the configuration, as they are now.
    var sessionKeys: @Sendable () -> SessionKeys
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
    /// `nil` when people sign in by token alone.
    var issuer: Issuer?
}

/// All routes of the server. A new resource is a controller and one line here.
func buildRouter(_ parts: ServerParts) -> Router<APIRequestContext> {
    let router = Router(context: APIRequestContext.self, options: [.autoGenerateHeadEndpoints])
    let (store, learner, metrics, clock) = (parts.store, parts.learner, parts.metrics, parts.clock)
    let readiness = Readiness(store: store, learner: learner, drain: parts.drain)
    let sharing = learner.resources.sharing

    HealthController(readiness: readiness, clock: clock).addRoutes(to: router)

    let directory = TokenDirectory(configured: parts.tokens, store: store, clock: clock)
    let audit = AuditLog(store: store, clock: clock, logger: parts.logger)
    let sessions = Sessions(
        directory: directory, clock: clock, keys: parts.sessionKeys, openID: parts.configuration.openID)
    AssetsController().addRoutes(to: router)
    DocsController(sessions: sessions, isSecured: parts.configuration.tls != nil).addRoutes(to: router)
    let tokens = TokenAdministration(store: store, directory: directory, audit: audit)
    addDashboard(to: router, parts, sessions: sessions, tokens: tokens)

    let known = router.group().add(middleware: TokenMiddleware(tokens: directory, sessions: sessions))
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
    TokensController(tokens: tokens).addRoutes(to: routes(for: .admin))
    return router
}

/// The pages, for people who are signed in.
private func addDashboard(
    to router: Router<APIRequestContext>, _ parts: ServerParts, sessions: Sessions, tokens: TokenAdministration
) {
    let (configuration, learner) = (parts.configuration, parts.learner)
    let isSecured = configuration.tls != nil
    let limiter = learner.resources.sharing.rateLimiter
    let bodies = RequestBodyMiddleware(limits: RequestLimits(bodyBytes: FormFields.mostBytes))

    /// Pages for sessions whose token may do so much.
    func pages(for scope: TokenScope) -> RouterGroup<PageContext> {
        let known = router.group().add(middleware: SessionMiddleware(sessions: sessions))
        if let perSecond = configuration.requestsPerSecond {
            known.add(middleware: RateLimitMiddleware(limiter: limiter, perSecond: perSecond))
        }
        return known.group()
            .add(middleware: ScopeMiddleware(needed: scope))
            .add(middleware: bodies)
            .add(middleware: FormMiddleware(needsFormToken: true))
            .group(context: PageContext.self)
    }
    let read = pages(for: .read)
    let dashboard = DashboardController(
        store: parts.store, learner: learner, clock: parts.clock, configuration: configuration.optimizer,
        isSecured: isSecured, backtests: Backtests(store: parts.store, configuration: configuration.optimizer))
    dashboard.addRoutes(to: read)
    LiveController(sessions: sessions, learner: learner, drain: parts.drain).addRoutes(to: read)
    AdministrationController(
        store: parts.store, learner: learner, tokens: tokens, configuration: configuration.optimizer
    ).addRoutes(read: read, operate: pages(for: .operate), admin: pages(for: .admin))

    let signIn = SignInController(
        sessions: sessions, limiter: limiter, isSecured: isSecured,
        developmentKey: configuration.tokens.containsDevelopmentKey ? AccessTokens.developmentKey : nil,
        issuerName: configuration.openID?.name, logger: parts.logger)
    RootController(sessions: sessions, signIn: signIn, overview: dashboard.overview).addRoutes(to: router)
    let open = router.group().add(middleware: bodies).add(middleware: FormMiddleware(needsFormToken: false))
    open.get("/ui/sign-in", use: signIn.show)
    open.post("/ui/sign-in", use: signIn.signIn)
    OpenIDController(issuer: parts.issuer, signIn: signIn, audit: tokens.audit).addRoutes(to: open)
    router.group().add(middleware: SessionMiddleware(sessions: sessions)).add(middleware: bodies)
        .add(middleware: FormMiddleware(needsFormToken: true)).post("/ui/sign-out", use: signIn.signOut)
}
