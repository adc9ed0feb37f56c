import Testing

@testable import Sharing

@Suite("A sliding window")
struct SlidingWindowTests {
    private static let limit = RateLimit(requests: 10, windowSeconds: 60)

    /// Decisions on requests at these seconds.
    private static func decisions(_ seconds: [Double], _ limit: RateLimit = limit) -> [RateDecision] {
        var window = SlidingWindow()
        return seconds.map { window.admit(at: Int($0 * 1000), within: limit) }
    }

    /// `count` requests, evenly from one second to another.
    private static func spread(_ count: Int, _ from: Double, _ to: Double) -> [Double] {
        (0..<count).map { from + (to - from) * Double($0) / Double(count) }
    }

    @Test("What was used before counts less and less")
    func sliding() {
        let before = Self.spread(8, 0, 60)
        // 8 × 1, 8 × 0.75, 8 × 0.5 are left of them.
        for (second, remaining) in [(60.0, 1), (75, 3), (90, 5), (119, 8), (180, 9)] {
            #expect(Self.decisions(before + [second]).last == .allowed(remaining: remaining))
        }
    }

    @Test("Says exactly how long to wait")
    func waiting() {
        let rows: [(used: [Double], at: Double, wait: Double)] = [
            // 10 × (1 - x) + 0 = 9 at a tenth of the next window.
            (Self.spread(10, 0, 60), 60, 6),
            // All at once at the beginning: nothing leaves before the next window begins.
            (Self.spread(10, 0, 1), 30, 36),
            // 10 × 0.5 + 5 in use; 10 × (1 - x) + 5 = 9 at x = 0.6.
            (Self.spread(10, 0, 60) + Self.spread(4, 89, 90) + [90], 90, 6),
        ]
        for (used, at, wait) in rows {
            #expect(Self.decisions(used + [at]).last == .refused(retryAfterSeconds: wait))
            #expect(Self.decisions(used + [at, at + wait - 0.002]).last?.isAllowed == false)
            #expect(Self.decisions(used + [at, at + wait]).last?.isAllowed == true)
        }
    }

    @Test("Even traffic is refused nothing below the limit")
    func even() {
        let refused = Self.decisions(Self.spread(800, 0, 6000)).filter { !$0.isAllowed }
        #expect(refused == [])
    }

    @Test("However it comes, no window lets through twice the limit")
    func bound() {
        var generator = SeededGenerator(seed: 1)
        for _ in 1...200 {
            var milliseconds = 0
            var window = SlidingWindow()
            var allowed: [Int] = []
            for _ in 1...400 {
                // Bursts and pauses.
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    milliseconds += Int.random(in: 0..<40_000, using: &generator)
                }
                if window.admit(at: milliseconds, within: Self.limit).isAllowed { allowed.append(milliseconds) }
            }
            for (index, end) in allowed.enumerated() {
                let inWindow = allowed[...index].count { $0 > end - Self.limit.windowMilliseconds }
                #expect(inWindow < 2 * Self.limit.requests)
            }
        }
    }

    @Test("A clock set back keeps the count, and forgets what was before")
    func clockSetBack() {
        let used = Self.decisions(Self.spread(10, 600, 601) + [30, 61, 150])
        #expect(used[10].isAllowed == false)
        #expect(used[11].isAllowed == false)
        #expect(used[12].isAllowed)
    }
}

/// The same numbers each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
