import Builds
import Foundation
import Testing

@testable import Notifications

@Suite("Where a destination stands")
struct DeliveryStateTests {
    private var policy = DeliveryPolicy()

    init() { policy.shortestIntervalSeconds = 0 }

    private func fresh() -> DeliveryState { DeliveryState(digestedAt: time(-86_400), digestedLesson: 0) }

    /// Sends what is next, as a server does, and says what that was.
    private func send(
        _ state: inout DeliveryState, at seconds: Double, _ outcome: SendOutcome = .delivered, chance: Double = 1
    ) -> Message? {
        guard case .send(let message) = state.next(at: time(seconds), holder: "one", policy: policy) else { return nil }
        _ = state.settle(message.id, outcome, at: time(seconds), policy: policy, chance: chance)
        return message
    }

    @Test("The first of its kind is told at once, the others are counted and told as one when the time is over")
    func deduplication() {
        var state = fresh()
        #expect(state.take(message("event-1"), at: time(), policy: policy) == .waits)
        #expect(send(&state, at: 0)?.count == 1)
        for number in 2...5 {
            let again = message("event-\(number)", at: Double(number) * 60)
            #expect(state.take(again, at: time(Double(number) * 60), policy: policy) == .counted)
        }
        #expect(state.heldCount == 4 && state.pending.isEmpty)
        #expect(state.dueAt(policy) == time(1800))
        #expect(send(&state, at: 1799) == nil)
        let summary = send(&state, at: 1800)
        #expect(summary?.id == "event-5" && summary?.count == 4 && summary?.firstAt == time(120))
        #expect(summary?.repetition == "(4 times since 10:02 UTC)")
        #expect(send(&state, at: 1800) == nil && state.heldCount == 0)
        // Told again a moment ago: the next time begins.
        #expect(state.take(message("event-6", at: 1900), at: time(1900), policy: policy) == .counted)
        #expect(state.take(message("event-7", at: 5000), at: time(5000), policy: policy) == .waits)
        #expect(send(&state, at: 5000)?.count == 2)
    }

    @Test("Another step, pipeline or kind is another message")
    func keys() {
        var state = fresh()
        let all = [
            message("1"), message("2", .drift), message("3", pipeline: "other"), message("4", step: "compile"),
        ]
        for one in all { #expect(state.take(one, at: time(), policy: policy) == .waits) }
        #expect(all.indices.map { _ in send(&state, at: 0)?.id } == ["1", "2", "3", "4"])
    }

    @Test("One kill told by the build, by an agent and by learning is one")
    func occurrences() {
        var state = fresh()
        #expect(state.take(message("kill", occurrence: "r/link"), at: time(), policy: policy) == .waits)
        #expect(state.take(message("event-1", occurrence: "r/link"), at: time(), policy: policy) == .known)
        #expect(send(&state, at: 0)?.count == 1)
        #expect(state.take(message("event-1", occurrence: "r/link"), at: time(9), policy: policy) == .known)
        #expect(state.take(message("event-2", occurrence: "s/link"), at: time(9), policy: policy) == .counted)
    }

    @Test("What happened longer ago than anybody wants to know, as in an import, is not told")
    func stale() {
        var state = fresh()
        #expect(state.take(message(at: -86_401), at: time(), policy: policy) == .stale)
        #expect(state == fresh())
        #expect(state.take(message(at: -86_399), at: time(), policy: policy) == .waits)
    }

    @Test("Messages keep their distance")
    mutating func interval() {
        policy.shortestIntervalSeconds = 5
        var state = fresh()
        for number in 1...3 { _ = state.take(message("\(number)", step: "\(number)"), at: time(), policy: policy) }
        #expect(send(&state, at: 0)?.id == "1")
        #expect(send(&state, at: 4.9) == nil && state.dueAt(policy) == time(5))
        #expect(send(&state, at: 5)?.id == "2")
        #expect(send(&state, at: 9) == nil)
        #expect(send(&state, at: 10)?.id == "3")
        #expect(state.dueAt(policy) == nil)
    }

    @Test("While one server sends, others wait; when it has died, another sends the same again")
    func lease() {
        var state = fresh()
        _ = state.take(message(), at: time(), policy: policy)
        #expect(state.next(at: time(), holder: "one", policy: policy) == .send(message()))
        #expect(state.next(at: time(59), holder: "two", policy: policy) == .wait)
        #expect(state.dueAt(policy) == time(60))
        #expect(state.next(at: time(60), holder: "two", policy: policy) == .send(message()))
        _ = state.settle("event-1", .delivered, at: time(61), policy: policy, chance: 0)
        // The first was only slow.
        #expect(state.settle("event-1", .delivered, at: time(62), policy: policy, chance: 0) == .gone)
        #expect(state.next(at: time(62), holder: "one", policy: policy) == .wait)
    }

    @Test("What says the same as the message on its way is not lost, and does not change that")
    func whileSending() {
        for outcome in [SendOutcome.delivered, .failed("away")] {
            var state = fresh()
            _ = state.take(message("1"), at: time(), policy: policy)
            #expect(state.next(at: time(), holder: "one", policy: policy) == .send(message("1")))
            #expect(state.take(message("2"), at: time(), policy: policy) == .counted)
            #expect(state.settle("1", outcome, at: time(), policy: policy, chance: 0) != .gone)
            let later = send(&state, at: 1800)
            #expect(later?.id == "2" && later?.count == (outcome == .delivered ? 1 : 2))
        }
    }

    @Test("Pauses double from two seconds to ten minutes, and half of each is chance")
    func pauses() {
        let longest = (1...12).map { DeliveryPolicy.pauseSeconds(failures: $0, chance: 1) }
        #expect(longest == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600])
        #expect((1...12).map { DeliveryPolicy.pauseSeconds(failures: $0, chance: 0) } == longest.map { $0 / 2 })
        #expect(DeliveryPolicy.pauseSeconds(failures: .max, chance: 7) == 600)
    }

    @Test("A message that fails is tried again, later and later, and given up with its reason")
    mutating func deadLetter() {
        policy.attempts = 3
        var state = fresh()
        _ = state.take(message("1"), at: time(), policy: policy)
        _ = state.take(message("2", step: "other"), at: time(), policy: policy)
        #expect(send(&state, at: 0, .failed("away"))?.id == "1")
        #expect(state.dueAt(policy) == time(2) && state.lastProblem == "away" && state.failures == 1)
        #expect(send(&state, at: 1.9) == nil)
        #expect(send(&state, at: 2, .failed("away"))?.id == "1")
        #expect(state.dueAt(policy) == time(6))
        #expect(send(&state, at: 6, .failed("HTTP 500"))?.id == "1")
        #expect(state.dead.map(\.message.id) == ["1"])
        #expect(state.dead[0].reason == "HTTP 500" && state.dead[0].attempts == 3 && state.dead[0].at == time(6))
        // The receiver is away for the next one, too.
        #expect(state.dueAt(policy) == time(14))
        #expect(send(&state, at: 14)?.id == "2")
        #expect(state.failures == 0 && state.lastProblem == nil)
    }

    @Test("A message the receiver will never take is given up at once, and the next goes out")
    func rejected() {
        var state = fresh()
        _ = state.take(message("1"), at: time(), policy: policy)
        _ = state.take(message("2", step: "other"), at: time(), policy: policy)
        #expect(send(&state, at: 0, .rejected("HTTP 400: invalid_blocks"))?.id == "1")
        #expect(state.dead.map(\.reason) == ["HTTP 400: invalid_blocks"])
        #expect(send(&state, at: 0)?.id == "2")
    }

    @Test(
        "A receiver that asks to wait gets its time, which costs no try",
        arguments: [(5, 5), (0, 1), (1e9, 3600), (nil, 2)] as [(Double?, Double)])
    mutating func throttled(_ asked: Double?, _ waits: Double) {
        policy.attempts = 1
        var state = fresh()
        _ = state.take(message(), at: time(), policy: policy)
        _ = send(&state, at: 0, .throttled(seconds: asked))
        #expect(state.dueAt(policy) == time(waits))
        #expect(send(&state, at: waits - 0.1) == nil)
        #expect(send(&state, at: waits)?.id == "event-1" && state.dead.isEmpty)
    }

    @Test("What has waited for a day is given up, and says why it waited")
    func expiry() {
        var state = fresh()
        _ = state.take(message(), at: time(), policy: policy)
        _ = send(&state, at: 86_000, .failed("away"))
        var expired: [String] = []
        let action = state.next(at: time(86_401), holder: "one", policy: policy) { expired.append($0.reason) }
        #expect(action == .wait && expired == ["too old to be told; the last try: away"])
        #expect(state.dead.count == 1 && state.pending.isEmpty)
    }

    @Test("A digest is made once for each time it is due, with or without something to say")
    func digest() {
        var state = fresh()
        let digest = message("digest-1", .digest, pipeline: "")
        #expect(state.takeDigest(digest, dueAt: time(0), lesson: 9, at: time(1)) == true)
        #expect(state.takeDigest(digest, dueAt: time(0), lesson: 9, at: time(1)) == false)
        #expect(state.pending.map(\.message.id) == ["digest-1"] && state.digestedLesson == 9)
        #expect(state.takeDigest(nil, dueAt: time(604_800), lesson: 9, at: time(604_801)) == true)
        #expect(state.takeDigest(digest, dueAt: time(604_799), lesson: 9, at: time(604_802)) == false)
        #expect(state.pending.count == 1)
    }

    @Test("However much happens, the state stays small")
    func bounds() {
        var state = fresh()
        for number in 0..<3000 where state.hasRoom || number % 3 == 0 {
            let step = "step \(number)"
            guard state.hasRoom else { break }
            _ = state.take(message("\(number)", step: step), at: time(Double(number)), policy: policy)
        }
        #expect(state.pending.count == DeliveryState.capacity && !state.hasRoom)
        for number in 0..<3000 {
            _ = state.take(message("n\(number)", step: "step 1"), at: time(3000), policy: policy)
            _ = send(&state, at: 3000, .rejected("no"))
            _ = state.take(message("x\(number)", step: "x\(number)"), at: time(3000), policy: policy)
        }
        #expect(state.told.count <= DeliveryState.toldCapacity)
        #expect(state.told.values.allSatisfy { $0.occurrences.count <= DeliveryState.occurrenceCapacity })
        #expect(state.dead.count == DeliveryState.deadCapacity)
    }

    @Test("Whatever happens in whatever order, nothing taken in is lost or told twice", arguments: 1...12)
    func conservation(_ seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var policy = DeliveryPolicy()
        policy.repeatSeconds = 100
        policy.attempts = 3
        policy.shortestIntervalSeconds = [0, 3].randomElement(using: &generator) ?? 0
        var state = fresh()
        var (taken, told, seconds) = (0, 0, 0.0)
        /// Of the servers that believe that they are sending.
        var flying: [String] = []
        for number in 1...600 {
            seconds += Double.random(in: 0...20, using: &generator)
            switch Int.random(in: 0...9, using: &generator) {
            case 0...4:
                let step = "step \(Int.random(in: 1...4, using: &generator))"
                if !state.hasRoom { continue }
                let outcome = state.take(
                    message("e\(number)", step: step, at: seconds), at: time(seconds), policy: policy)
                if outcome == .waits || outcome == .counted { taken += 1 }
            case 5...7:
                guard case .send(let next) = state.next(at: time(seconds), holder: "h\(number)", policy: policy)
                else { continue }
                flying.append(next.id)
            default:
                guard !flying.isEmpty else { continue }
                let id = flying.removeLast()
                let count = state.pending.first { $0.message.id == id }?.message.count ?? 0
                let outcomes: [SendOutcome] = [.delivered, .failed("a"), .throttled(seconds: 1), .rejected("b")]
                let outcome = outcomes.randomElement(using: &generator) ?? .delivered
                if state.settle(id, outcome, at: time(seconds), policy: policy, chance: 0.5) == .sent { told += count }
            }
            // It is kept and read all the time.
            if number % 20 == 0 {
                state = try JSONDecoder().decode(DeliveryState.self, from: JSONEncoder().encode(state))
            }
            let waiting = state.pending.reduce(0) { $0 + $1.message.count } + state.heldCount
            let dead = state.dead.reduce(0) { $0 + $1.message.count }
            guard state.dead.count < DeliveryState.deadCapacity else { break }
            #expect(taken == told + waiting + dead, "after step \(number)")
        }
        #expect(taken > 20)
    }
}

/// SplitMix64, for tests that must be repeatable.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
