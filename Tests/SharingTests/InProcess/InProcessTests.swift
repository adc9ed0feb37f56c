import Testing

@testable import Sharing

@Suite("In this process")
struct InProcessTests {
    @Test("Entries are bounded, and what is used stays")
    func recentEntries() {
        var entries = RecentEntries<Int, Int>(capacity: 100)
        for number in 0..<1000 {
            entries.set(number, for: number, weight: 1)
            #expect(entries.value(for: 0) == 0)
            #expect(entries.count <= 100)
        }
        #expect(entries.value(for: 1) == nil)
        #expect((950..<1000).allSatisfy { entries.value(for: $0) == $0 })
        entries.set(1, for: 0, weight: 51)
        #expect(entries.value(for: 0) == nil)
    }

    @Test("A cached value lives until its time is over, not longer")
    func expiry() {
        let clock = ManualClock()
        let cache = InProcessCache(now: { clock.now })
        let key = CacheKey(tenant: "a", version: 1, question: "q")
        cache.keep([1], for: key, seconds: 10)
        clock.advance(.milliseconds(9999))
        #expect(cache.value(for: key) == [1])
        clock.advance(.milliseconds(1))
        #expect(cache.value(for: key) == nil)
    }

    @Test("A cache holds no more bytes than it may")
    func cacheBytes() {
        let cache = InProcessCache(capacityBytes: 100_000)
        let keys = (0..<1000).map { CacheKey(tenant: "a", version: $0, question: "q") }
        for key in keys { cache.keep([UInt8](repeating: 0, count: 1000), for: key, seconds: 60) }
        let kept = keys.count { cache.value(for: $0) != nil }
        #expect(kept > 40 && kept <= 100)
    }

    @Test("Renewing a claim starts its patience anew")
    func renewal() throws {
        let clock = ManualClock()
        let queue = InProcessQueue(now: { clock.now })
        _ = queue.add(Job("training", payload: []))
        let claim = try #require(queue.claim("training", limit: 1).first)
        for _ in 1...10 {
            clock.advance(.seconds(59))
            #expect(queue.claim("training", limit: 1) == [])
            #expect(queue.renew(claim))
        }
        clock.advance(.seconds(60))
        #expect(queue.claim("training", limit: 1).map(\.delivery) == [2])
        #expect(!queue.renew(claim))
    }

    @Test("The dead are bounded, the newest stay")
    func dead() {
        var limits = QueueLimits()
        (limits.deliveries, limits.deadCapacity) = (1, 3)
        let clock = ManualClock()
        let queue = InProcessQueue(limits: limits, now: { clock.now })
        for number: UInt8 in 1...5 {
            _ = queue.add(Job("training", payload: [number]))
            _ = queue.claim("training", limit: 1)
            clock.advance(.seconds(60))
        }
        _ = queue.claim("training", limit: 1)
        #expect(queue.deadJobs(of: "training", limit: 2).map(\.payload) == [[5], [4]])
        #expect(queue.figures(of: "training") == QueueFigures(dead: 3))
    }
}
