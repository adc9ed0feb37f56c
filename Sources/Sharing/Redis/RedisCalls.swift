/// The calls of a client that wait, and whether there is anything to wait for. A value that decides; the client acts.
struct RedisCalls: Sendable {
    struct Call: Sendable {
        let command: RedisCommand
        let deadline: ContinuousClock.Instant
        let answer: @Sendable (Result<RedisReply, RedisFailure>) -> Void
    }

    enum Admission {
        /// Someone sends already, and will come to it.
        case waits
        /// Nobody sends yet.
        case waitsForSending
        case refused(RedisFailure)
    }

    private enum Connection {
        case down, up, closed
    }

    private let limits: RedisLimits
    private var connection = Connection.down
    private var waiting: [Call] = []
    private var isSending = false
    private(set) var health = SharingState.down
    private(set) var pause: ReconnectPause
    var figures = SharingFigures()

    init(limits: RedisLimits) {
        self.limits = limits
        pause = ReconnectPause(limits)
    }

    var isClosed: Bool { connection == .closed }

    mutating func admit(_ call: Call) -> Admission {
        if let refusal = refusal(of: call) {
            figures.failed += 1
            return .refused(refusal)
        }
        waiting.append(call)
        defer { isSending = true }
        return isSending ? .waits : .waitsForSending
    }

    private func refusal(of call: Call) -> RedisFailure? {
        switch connection {
        case .closed: .closed
        case .down: .notConnected
        case .up where call.command.bytes.count > limits.largestCommandBytes: .tooLarge
        case .up where waiting.count >= limits.waitingCommands: .overloaded
        case .up: nil
        }
    }

    /// Enough to make the way there and back cheap; few enough that the first need not wait for the last.
    private static let largestBatch = 128

    /// The calls to send next; none, and sending is over.
    mutating func nextBatch() -> [Call] {
        let batch = Array(waiting.prefix(Self.largestBatch))
        waiting.removeFirst(batch.count)
        if batch.isEmpty { isSending = false }
        return batch
    }

    /// Redis answered a call, with an error or not.
    mutating func answered(_ reply: Result<RedisReply, RedisFailure>) {
        figures.answered += 1
        if case .failure = reply { figures.failed += 1 }
    }

    /// Redis took a write.
    mutating func tookWrite(after latency: Duration, isNewConnection: Bool) {
        guard connection != .closed else { return }
        connection = .up
        health = .up(latencySeconds: latency / .seconds(1))
        // One that takes connections but fails soon after is not asked at full speed.
        if isNewConnection { figures.connections += 1 } else { pause.reset() }
    }

    /// Returns the calls to fail, and the seconds before connecting again.
    mutating func lost(_ failure: RedisFailure, unanswered: Int) -> (calls: [Call], pauseSeconds: Double) {
        if connection == .up { connection = .down }
        health = health.degraded(by: failure)
        figures.failed += Int64(unanswered + waiting.count)
        defer { waiting = [] }
        return (waiting, pause.seconds())
    }

    /// Returns the calls to fail.
    mutating func close() -> [Call] {
        connection = .closed
        defer { waiting = [] }
        return waiting
    }
}
