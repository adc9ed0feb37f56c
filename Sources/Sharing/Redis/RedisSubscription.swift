import Dispatch
import Synchronization

/// A connection that hears what is published on one channel, made anew whenever it was lost.
final class RedisSubscription: Sendable {
    /// A message; `nil` when messages may have been lost, because listening has only now begun, or begun again.
    typealias Hear = @Sendable ([UInt8]?) -> Void

    private struct State: Sendable {
        var health = SharingState.down
        /// Of the connection that is listened to; ``close()`` hangs up on it.
        var descriptor: Int32?
        var isClosed = false
        var starter: CheckedContinuation<Void, Never>?
    }

    private let address: @Sendable () -> RedisAddress
    private let channel: String
    private let limits: RedisLimits
    private let hear: Hear
    /// Listening takes a thread of its own, for good.
    private let queue = DispatchQueue(label: "inframind.sharing.redis.subscription")
    private let state = Mutex(State())
    /// Ends a pause early.
    private let closing = DispatchSemaphore(value: 0)

    /// - Parameter address: asked for every connection.
    init(
        _ address: @escaping @Sendable () -> RedisAddress, channel: String, limits: RedisLimits, hear: @escaping Hear
    ) {
        self.address = address
        self.channel = channel
        self.limits = limits
        self.hear = hear
    }

    var health: SharingState { state.withLock { $0.health } }

    /// Begins to listen, and returns when the first attempt has ended, well or not. Must be followed by ``close()``.
    func start() async {
        await withCheckedContinuation { starter in
            state.withLock { $0.starter = starter }
            queue.async { self.run() }
        }
    }

    func close() async {
        state.withLock { state in
            state.isClosed = true
            if let descriptor = state.descriptor { RedisSocket.hangUp(descriptor) }
        }
        closing.signal()
        await withCheckedContinuation { closed in queue.async { closed.resume() } }
    }

    // MARK: - On the queue

    private func run() {
        var pause = ReconnectPause(limits)
        while !state.withLock({ $0.isClosed }) {
            do {
                try listen(heldOn: { pause.reset() })
            } catch {
                state.withLock { $0.health = $0.health.degraded(by: error) }
            }
            attemptEnded()
            _ = closing.wait(timeout: .now() + pause.seconds())
        }
        attemptEnded()
    }

    /// Listens until the connection is lost.
    ///
    /// - Parameter heldOn: called when it is known to hold.
    private func listen(heldOn: () -> Void) throws(RedisFailure) {
        let socket = try RedisSocket(address(), limits: limits)
        let began = ContinuousClock.now
        _ = try socket.exchange(
            RedisCommand("SUBSCRIBE", .text(channel)), until: began + .seconds(limits.commandSeconds))
        let isClosed = state.withLock { state in
            state.descriptor = socket.descriptor
            state.health = .up(latencySeconds: began.duration(to: .now) / .seconds(1))
            return state.isClosed
        }
        // The descriptor may be another's as soon as the socket is gone.
        defer { withExtendedLifetime(socket) { state.withLock { $0.descriptor = nil } } }
        if isClosed { return }
        hear(nil)
        attemptEnded()
        var isAsked = false
        while true {
            // Silence is the usual thing; only a question tells it from a cut network.
            let patience = isAsked ? limits.commandSeconds : limits.beatSeconds
            if let reply = try socket.reply(until: .now + .seconds(patience)) {
                isAsked = false
                try heard(try reply.get())
                heldOn()
            } else if isAsked {
                throw .timedOut
            } else {
                isAsked = true
                try socket.send(RedisCommand("PING").bytes, until: .now + .seconds(limits.commandSeconds))
            }
        }
    }

    /// Messages are `["message", channel, bytes]`; what else comes are answers to PING.
    private func heard(_ reply: RedisReply) throws(RedisFailure) {
        guard let parts = reply.list, let kind = parts.first?.text else { throw .unexpectedReply }
        guard kind == "message" else { return }
        guard let message = parts.last?.bytes else { throw .unexpectedReply }
        hear(message)
    }

    private func attemptEnded() {
        let starter = state.withLock { state in
            defer { state.starter = nil }
            return state.starter
        }
        starter?.resume()
    }
}
