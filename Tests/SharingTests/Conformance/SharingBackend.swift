import Foundation
import Scaffolding
import Testing

@testable import Sharing

/// What a server shares through; a row of every conformance suite. A new backend is one more row in ``all``.
struct SharingBackend: Sendable, CustomTestStringConvertible {
    var testDescription: String
    private var open: @Sendable (QueueLimits) async throws -> Ports

    /// The ports as they are, without their fallback: that would hide what goes wrong in them.
    struct Ports: Sendable {
        var cache: any SharedCache
        var rateLimiter: any RateLimiter
        var notices: any ChangeNotices
        var queue: any WorkQueue
        var close: @Sendable () async -> Void
    }

    static let inProcess = SharingBackend(testDescription: "in process") { queueLimits in
        let notices = InProcessNotices()
        return Ports(
            cache: InProcessCache(), rateLimiter: InProcessRateLimiter(), notices: notices,
            queue: InProcessQueue(limits: queueLimits), close: { notices.close() })
    }

    static let redis = SharingBackend(testDescription: "Redis") { queueLimits in
        let (address, keyPrefix) = (try RedisAddress(RedisServer.shared().url), UUID().uuidString)
        let client = RedisClient({ address }, keyPrefix: keyPrefix, limits: .patient)
        let notices = RedisNotices(client, { address }, keyPrefix: keyPrefix, limits: .patient)
        await client.start()
        await notices.start()
        return Ports(
            cache: RedisCache(client, keyPrefix: keyPrefix),
            rateLimiter: RedisRateLimiter(client, keyPrefix: keyPrefix), notices: notices,
            queue: RedisQueue(client, keyPrefix: keyPrefix, limits: queueLimits),
            close: {
                await notices.close()
                await client.close()
            })
    }

    static let all = RedisServer.reasonToSkip == nil ? [inProcess, redis] : [inProcess]

    /// Lends `body` empty ports.
    func withPorts(
        _ queueLimits: QueueLimits = QueueLimits(), _ body: (Ports) async throws -> Void
    ) async throws {
        let ports = try await open(queueLimits)
        do {
            try await body(ports)
        } catch {
            await ports.close()
            throw error
        }
        await ports.close()
    }
}

extension RedisLimits {
    /// For tests that are not about time: a busy machine may pause a test for longer than a server would wait.
    static var patient: RedisLimits {
        var limits = RedisLimits()
        limits.connectSeconds = 20
        limits.commandSeconds = 20
        limits.longestPauseSeconds = 0.2
        return limits
    }
}
