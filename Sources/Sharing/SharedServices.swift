/// What servers share and may lose. Nothing in it can fail: where Redis does not answer, this process answers by itself.
public struct SharedServices: Sendable {
    public let cache: any SharedCache<Never>
    public let rateLimiter: any RateLimiter<Never>
    public let notices: any ChangeNotices<Never>
    public let queue: any WorkQueue<Never>
    /// What this process hears, from Redis or itself.
    private let streams: InProcessNotices
    let connections: RedisConnections?

    /// For a server that is alone.
    public init(queueLimits: QueueLimits = QueueLimits()) {
        cache = InProcessCache()
        rateLimiter = InProcessRateLimiter()
        streams = InProcessNotices()
        notices = streams
        queue = InProcessQueue(limits: queueLimits)
        connections = nil
    }

    /// For servers that share a Redis.
    ///
    /// - Parameters:
    ///   - address: asked for every connection, so that a password can be replaced; the database stays the same.
    ///   - keyPrefix: begins the name of every key and channel, so that others can use the same Redis.
    public init(
        redis address: @escaping @Sendable () -> RedisAddress, keyPrefix: String = "inframind",
        limits: RedisLimits = RedisLimits(), queueLimits: QueueLimits = QueueLimits()
    ) {
        let client = RedisClient(address, keyPrefix: keyPrefix, limits: limits)
        streams = InProcessNotices()
        let shared = RedisNotices(client, address, keyPrefix: keyPrefix, limits: limits, streams: streams)
        cache = CacheWithFallback(shared: RedisCache(client, keyPrefix: keyPrefix), own: InProcessCache())
        rateLimiter = RateLimiterWithFallback(
            shared: RedisRateLimiter(client, keyPrefix: keyPrefix), own: InProcessRateLimiter())
        notices = NoticesWithFallback(shared: shared, own: streams)
        queue = QueueWithFallback(
            shared: RedisQueue(client, keyPrefix: keyPrefix, limits: queueLimits),
            own: InProcessQueue(limits: queueLimits))
        connections = RedisConnections(client: client, notices: shared)
    }

    /// For readiness. Degraded is no reason to send requests elsewhere.
    public var state: SharingState {
        guard let connections else { return .alone }
        return connections.client.health.and(connections.notices.health)
    }

    /// For metrics; `nil` without Redis.
    public var figures: SharingFigures? { connections?.client.figures }

    /// Connects, and returns when the first attempts have ended, well or not. Must be followed by ``close()``.
    public func start() async {
        guard let connections else { return }
        await connections.client.start()
        await connections.notices.start()
    }

    /// Ends all streams of notices and disconnects.
    public func close() async {
        streams.close()
        guard let connections else { return }
        await connections.notices.close()
        await connections.client.close()
    }
}

/// The two connections of a server: one for calls, one that listens.
struct RedisConnections: Sendable {
    let client: RedisClient
    let notices: RedisNotices
}
