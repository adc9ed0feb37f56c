import Builds
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Optimizer
import ServiceLifecycle
import Sharing
import Storage

/// Builds the whole server from its configuration: the one place where its parts meet. Tests call it, too.
///
/// - Parameters:
///   - environment: where ``LightGBMSearch`` looks for its variable.
///   - store: stands in for the configured database.
///   - clock: the time of day.
///   - drain: says when the server is about to stop.
/// - Throws: ``ConfigurationError`` for settings that cannot be used; errors of the store that cannot be opened.
func buildApplication(
    configuration: ServerConfiguration, environment: [String: String] = [:], logger: Logger,
    store givenStore: (any Store)? = nil, clock: WallClock = .system, drain: Drain = Drain(duration: .zero)
) async throws -> some ApplicationProtocol {
    try configuration.checkSafety()
    let library = try loadLightGBM(configured: configuration.lightGBMPath, environment: environment)
    if library == nil {
        logger.notice("LightGBM was not found; recommendations come from the closed form")
    }
    if configuration.tokens.containsDevelopmentKey {
        logger.warning("The development key is accepted; set tokens before others use this server")
    }

    let store: any Store
    if let givenStore { store = givenStore } else { store = try await configuration.database.open() }
    let metrics = ServerMetrics(pipelineLimit: configuration.metricsPipelineLimit)
    let redis = configuration.redis.map { address in
        ReloadingSecret(address, file: configuration.redisFile, key: "redis-url-file", logger: logger) {
            try address.renewed(by: $0, key: "redis-url-file")
        }
    }
    let sharing = redis.map { redis in SharedServices(redis: { redis.value }) } ?? SharedServices()
    let retention = configuration.stepRetentionDays.map {
        Retention(store: store, clock: clock, metrics: metrics, logger: logger, stepDays: $0)
    }
    let notifications = configuration.notifications
    let notifier =
        notifications.destinations.isEmpty
        ? nil
        : Notifier(
            notifications, store: store, sharing: sharing, clock: clock, metrics: metrics, logger: logger)
    let digests = notifier.map {
        WeeklyDigests(notifier: $0, store: store, clock: clock, acceptedRisk: configuration.optimizer.oomRisk)
    }
    let leader = LeaderService(
        leadership: store.leadership, tasks: [retention?.task, digests?.task].compactMap(\.self), logger: logger)
    let learner = Learner(
        resources: LearnerResources(
            store: store, configuration: configuration.optimizer,
            seed: configuration.seed, training: TrainingQueue(library: library),
            clock: clock, metrics: metrics, logger: logger, sharing: sharing,
            eventsKept: { await notifier?.eventsKept($0) },
            freshness: configuration.learnedFreshness))
    let tokens = ReloadingSecret(
        configuration.tokens, file: configuration.tokensFile, key: "tokens-file", logger: logger
    ) { lines in
        let tokens = try AccessTokens(lines, key: "tokens-file")
        try configuration.checkSafety(of: tokens)
        return tokens
    }
    let sessionKeys = ReloadingSecret(
        configuration.sessionKeys, file: configuration.sessionKeyFile, key: "session-key-file", logger: logger
    ) { try SessionKeys($0, key: "session-key-file") }
    let issuer = configuration.openID.map { Issuer($0, clock: clock) }
    let router = buildRouter(
        ServerParts(
            configuration: configuration, tokens: { tokens.value }, sessionKeys: { sessionKeys.value }, store: store,
            learner: learner, metrics: metrics, clock: clock, startedAt: clock.now(), logger: logger, drain: drain,
            isLeader: { leader.isLeader }, notifier: notifier, issuer: issuer))

    let tls = try configuration.tls.map { try ReloadingTLS($0, logger: logger) }
    let limits = configuration.limits
    let routed = ProblemResponder(base: router.buildResponder(), routes: RouteTable(router))
    let deadlines = Deadlines(timeout: .seconds(limits.timeoutSeconds))
    let bounded = DeadlineResponder(base: routed, deadlines: deadlines)
    let responder = MeteredResponder(
        base: DrainingResponder(
            base: LingeringClose(base: SecurityHeaders(base: bounded, isSecured: tls != nil), limits: limits),
            drain: drain), metrics: metrics)
    let http = HTTP1Channel.Configuration(idleTimeout: .nanoseconds(Int64(limits.idleTimeoutSeconds * 1e9)))
    return Application(
        responder: responder,
        server: tls.map { .secured(http, by: $0) } ?? .http1(configuration: http),
        configuration: .init(
            address: .hostname(configuration.address.host, port: configuration.address.port), serverName: "inframind"),
        // The order of dependency: the store is closed last.
        services: [
            StoreService(store: store, logger: logger), SharingService(sharing: sharing), deadlines, leader,
            NoticeListener(learner: learner), TrainingWorker(learner: learner), LearnerService(learner: learner),
            tokens, sessionKeys,
        ]
            + (notifier.map { notifier -> [any Service] in
                [
                    NotificationService(
                        notifier: notifier, queue: sharing.queue, interval: notifications.sweepInterval,
                        logger: logger)
                ]
            } ?? []) + (redis.map { [$0] } ?? []) + (issuer.map { [$0] } ?? []) + (tls.map { [$0] } ?? []),
        onServerRunning: { channel in announce(channel, host: configuration.address.host, isSecured: tls != nil) },
        logger: logger)
}

/// The line scripts read the port from.
private func announce(_ channel: any Channel, host: String, isSecured: Bool) {
    let port = channel.localAddress?.port ?? 0
    let name = host.contains(":") ? "[\(host)]" : host
    FileHandle.standardOutput.write(
        Data("inframind-server listening on \(isSecured ? "https" : "http")://\(name):\(port)\n".utf8))
}
