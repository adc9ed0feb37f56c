import Foundation
import Synchronization

/// What the clients were told: which writes were acknowledged, what else was answered, and when nothing was.
public final class Ledger: Sendable {
    /// Clients' figures.
    public struct Figures: Sendable {
        /// Different writes that were sent at least once.
        public var writes = 0
        /// Requests, repetitions included.
        public var requests = 0
        public var acknowledged = 0
        /// Acknowledged writes that were sent once more, and acknowledged again.
        public var repeated = 0
        /// 503 and 429, by status.
        public var refused: [Int: Int] = [:]
        /// 502 of a balancer, connections that ended, answers that did not come in time, by kind.
        public var broken: [String: Int] = [:]
        /// Answers no client should see for these requests, by status.
        public var wrong: [Int: Int] = [:]
        /// The first of what is wrong, in words.
        public var examples: [String] = []
        /// Seconds of the longest time in which no client was acknowledged anything.
        public var unavailableSeconds = 0.0
    }

    private struct State {
        var figures = Figures()
        var nextBuild = 0
        /// By number of the build, a bit for each write.
        var sent: [UInt8] = []
        var acknowledged: [UInt8] = []
        /// What the server called the whole run.
        var numbers: [Int: Int] = [:]
        var lastAcknowledgement: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    public init() {}

    public var figures: Figures { state.withLock { $0.figures } }

    func beginBuild() -> ReportedBuild {
        state.withLock { state in
            defer { state.nextBuild += 1 }
            state.sent.append(0)
            state.acknowledged.append(0)
            return ReportedBuild(number: state.nextBuild)
        }
    }

    func sending(_ build: ReportedBuild, write: Int) {
        state.withLock { state in
            state.figures.requests += 1
            if state.sent[build.number] & 1 << write == 0 { state.figures.writes += 1 }
            state.sent[build.number] |= 1 << write
        }
    }

    /// - Parameter number: the server's own, for a whole run.
    func acknowledge(_ build: ReportedBuild, write: Int, number: Int?) {
        let now = ContinuousClock.now
        state.withLock { state in
            if state.acknowledged[build.number] & 1 << write != 0 {
                state.figures.repeated += 1
            } else {
                state.figures.acknowledged += 1
                state.acknowledged[build.number] |= 1 << write
            }
            if let number {
                let first = state.numbers[build.number] ?? number
                if first != number {
                    state.figures.examples.append("\(build.runID) was numbered \(first), and then \(number)")
                    state.figures.wrong[201, default: 0] += 1
                }
                state.numbers[build.number] = first
            }
            if let last = state.lastAcknowledgement {
                let gap = last.duration(to: now) / .seconds(1)
                state.figures.unavailableSeconds = max(state.figures.unavailableSeconds, gap)
            }
            state.lastAcknowledgement = now
        }
    }

    func refuse(_ status: Int) { state.withLock { $0.figures.refused[status, default: 0] += 1 } }

    func breakOff(_ kind: String) { state.withLock { $0.figures.broken[kind, default: 0] += 1 } }

    func answeredWrongly(_ status: Int, _ words: String) {
        state.withLock { state in
            state.figures.wrong[status, default: 0] += 1
            if state.figures.examples.count < 10 { state.figures.examples.append(words) }
        }
    }

    /// Every build that was begun: the writes that were sent and acknowledged, as bits, and its number.
    func builds() -> [(build: ReportedBuild, sent: UInt8, acknowledged: UInt8, number: Int?)] {
        state.withLock { state in
            (0..<state.nextBuild).map {
                (ReportedBuild(number: $0), state.sent[$0], state.acknowledged[$0], state.numbers[$0])
            }
        }
    }

    /// Waits for `condition`.
    ///
    /// - Returns: false when it was not met in time.
    public func wait(upToSeconds limit: Double, for condition: (Figures) -> Bool) -> Bool {
        poll(upToSeconds: limit) { condition(figures) }
    }
}

/// Looks every few milliseconds whether `condition` holds.
///
/// - Returns: false when it did not in time.
public func poll(upToSeconds limit: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(limit)
    while try !condition() {
        if ContinuousClock.now >= deadline { return false }
        Thread.sleep(forTimeInterval: 0.005)
    }
    return true
}
