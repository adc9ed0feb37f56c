import Foundation
import Scaffolding
import Testing

@testable import Sharing

/// Two servers that share a Redis of their own.
struct ServerPair {
    let redis: RedisServer
    let first: SharedServices
    let second: SharedServices

    /// Lends `body` servers that are connected.
    static func with(
        isDurable: Bool = false, limits: RedisLimits = .patient, queueLimits: QueueLimits = QueueLimits(),
        _ body: (ServerPair) async throws -> Void
    ) async throws {
        let redis = try RedisServer(isDurable: isDurable)
        defer { redis.kill() }
        let address = try RedisAddress(redis.url)
        let servers = (1...2).map { _ in SharedServices(redis: { address }, limits: limits, queueLimits: queueLimits) }
        for server in servers { await server.start() }
        let pair = ServerPair(redis: redis, first: servers[0], second: servers[1])
        do {
            try await pair.isUp()
            try await body(pair)
        } catch {
            for server in servers { await server.close() }
            throw error
        }
        for server in servers { await server.close() }
    }

    func isUp() async throws {
        try await eventually("both servers are connected") { !first.state.isDegraded && !second.state.isDegraded }
    }

    /// Returns when every connection is known to be lost. A server is degraded from the first of them on; the other may
    /// still look well, and fail the next call.
    func isDegraded() async throws {
        let connections = [first, second].compactMap(\.connections)
        try await eventually("both servers notice") {
            connections.allSatisfy { $0.client.health.isDegraded && $0.notices.health.isDegraded }
        }
    }
}

extension RedisLimits {
    /// Quick to notice, and to come back.
    static var brief: RedisLimits {
        var limits = RedisLimits.patient
        limits.beatSeconds = 0.1
        limits.longestPauseSeconds = 0.1
        return limits
    }
}
