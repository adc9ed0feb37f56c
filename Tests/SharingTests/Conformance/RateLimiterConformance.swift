import Testing

@testable import Sharing

@Suite("A rate limiter")
struct RateLimiterConformance {
    @Test("Allows the limit and no more, and says when there is room", arguments: SharingBackend.all)
    func limit(_ backend: SharingBackend) async throws {
        let limit = RateLimit(requests: 3, windowSeconds: 86_400)
        try await backend.withPorts { ports in
            for remaining in [2, 1, 0] {
                #expect(try await ports.rateLimiter.admit("t", within: limit) == .allowed(remaining: remaining))
            }
            for _ in 1...5 {
                guard case .refused(let seconds) = try await ports.rateLimiter.admit("t", within: limit) else {
                    Issue.record("a request beyond the limit was allowed")
                    return
                }
                // In the next window at the latest.
                #expect(seconds > 0 && seconds <= 2 * 86_400)
            }
        }
    }

    @Test("Tokens, and windows of other lengths, have counts of their own", arguments: SharingBackend.all)
    func tokens(_ backend: SharingBackend) async throws {
        let (day, halfDay) = (86_400.0, 43_200.0)
        try await backend.withPorts { (ports) async throws in
            func isAllowed(_ token: String, _ windowSeconds: Double) async throws -> Bool {
                let limit = RateLimit(requests: 1, windowSeconds: windowSeconds)
                return try await ports.rateLimiter.admit(token, within: limit).isAllowed
            }
            #expect(try await isAllowed("t", day))
            #expect(try await isAllowed("u", day))
            #expect(try await !isAllowed("t", day))
            #expect(try await isAllowed("t", halfDay))
        }
    }

    @Test("Who was refused is allowed again after the time that was said", arguments: SharingBackend.all)
    func again(_ backend: SharingBackend) async throws {
        let limit = RateLimit(requests: 2, windowSeconds: 2)
        try await backend.withPorts { ports in
            var refusedSeconds: Double?
            // On a machine that pauses, windows may pass before five requests are made.
            try await eventually("a request is refused") {
                if case .refused(let seconds) = try await ports.rateLimiter.admit("t", within: limit) {
                    refusedSeconds = seconds
                }
                return refusedSeconds != nil
            }
            try await Task.sleep(for: .seconds(try #require(refusedSeconds)))
            #expect(try await ports.rateLimiter.admit("t", within: limit).isAllowed)
        }
    }

    @Test("Requests at the same time are counted one by one", arguments: SharingBackend.all)
    func concurrency(_ backend: SharingBackend) async throws {
        let limit = RateLimit(requests: 50, windowSeconds: 86_400)
        try await backend.withPorts { ports in
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 1...100 { group.addTask { try await ports.rateLimiter.admit("t", within: limit).isAllowed } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 50)
        }
    }
}
