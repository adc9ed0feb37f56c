import Foundation
import Scaffolding
import Synchronization
import Testing

@testable import Sharing

@Suite("Limits in Redis", .needsRedis)
struct RedisRateLimiterTests {
    @Test("Redis and this process decide alike, request by request")
    func parity() async throws {
        try await RedisClientTests.withClient(RedisServer.shared().url) { (client) async throws in
            var generator = SeededGenerator(seed: 2)
            for row in 0..<10 {
                let time = Mutex(0)
                let shared = RedisRateLimiter(client, keyPrefix: UUID().uuidString) { time.withLock { $0 } }
                var own = SlidingWindow()
                // Longer than the test takes: keys expire by Redis' own clock.
                let limit = RateLimit(requests: [1, 2, 3, 7, 10][row % 5], windowSeconds: [100, 777.777][row % 2])
                var milliseconds = 1_700_000_000_000
                for _ in 1...100 {
                    // Now and then a window or two are left out, and the clock is set back.
                    let step = [
                        0, 1, limit.windowMilliseconds / 20, limit.windowMilliseconds * 2, -limit.windowMilliseconds,
                    ]
                    let chance = Int.random(in: 0..<40, using: &generator)
                    milliseconds += step[chance < 15 ? 0 : chance < 20 ? 1 : chance < 38 ? 2 : chance - 35]
                    time.withLock { $0 = milliseconds }
                    #expect(try await shared.admit("t", within: limit) == own.admit(at: milliseconds, within: limit))
                }
            }
        }
    }
}
