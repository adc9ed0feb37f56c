import Dispatch
import Synchronization

/// One connection to Redis for all of a server's calls, kept up in the background.
///
/// Calls that wait together are sent together, so that one connection serves thousands of calls per second. A call never
/// waits for a connection: while there is none, it fails at once. When the connection fails, so do all calls that wait.
///
/// A *beat* each second connects, if need be, and sees whether Redis takes writes.
final class RedisClient: Sendable {
    private struct State: Sendable {
        var calls: RedisCalls
        /// Number of the beat that is due; earlier ones, still on their way, do nothing.
        var dueBeat: UInt64 = 0
        /// Sent with the next beat.
        var owed: Set<RedisCommand> = []
    }

    private let address: @Sendable () -> RedisAddress
    private let limits: RedisLimits
    private let probe: RedisCommand
    /// What is done here blocks, and the threads of the cooperative pool must not.
    private let queue = DispatchQueue(label: "inframind.sharing.redis")
    private let state: Mutex<State>
    /// Used on `queue` only, where it may be held for as long as a call takes.
    private let socket = Mutex<RedisSocket?>(nil)

    /// Nothing is connected before ``start()``.
    ///
    /// - Parameters:
    ///   - address: asked for every connection, so that a password can be replaced.
    ///   - keyPrefix: begins the name of the key that beats write.
    init(_ address: @escaping @Sendable () -> RedisAddress, keyPrefix: String, limits: RedisLimits = RedisLimits()) {
        self.address = address
        self.limits = limits
        // A PING is answered also by a replica, by a server whose disk or memory is full, and to a user who may not
        // write: all of no use to us.
        probe = RedisCommand("SET", .text(keyPrefix + ":beat"), "1", "PX", "60000")
        state = Mutex(State(calls: RedisCalls(limits: limits)))
    }

    var health: SharingState { state.withLock { $0.calls.health } }
    var figures: SharingFigures { state.withLock { $0.calls.figures } }

    /// Begins to connect, and returns when the first attempt has ended, well or not.
    func start() async {
        await withCheckedContinuation { started in
            queue.async {
                self.beat(self.state.withLock { $0.dueBeat })
                started.resume()
            }
        }
    }

    /// Fails the calls that wait, and disconnects.
    func close() async {
        for call in state.withLock({ $0.calls.close() }) { call.answer(.failure(.closed)) }
        await withCheckedContinuation { closed in
            queue.async {
                self.socket.withLock { $0 = nil }
                closed.resume()
            }
        }
    }

    /// Runs a command.
    ///
    /// It is carried out also when the calling task is cancelled: it takes no longer than
    /// ``RedisLimits/commandSeconds``.
    ///
    /// - Throws: ``RedisFailure``.
    func send(_ command: RedisCommand) async throws(RedisFailure) -> RedisReply {
        let reply = await withCheckedContinuation { caller in
            let call = RedisCalls.Call(
                command: command, deadline: .now + .seconds(limits.commandSeconds),
                answer: { caller.resume(returning: $0) })
            switch state.withLock({ $0.calls.admit(call) }) {
            case .waits: return
            case .waitsForSending: queue.async { self.sendWaiting() }
            case .refused(let failure): call.answer(.failure(failure))
            }
        }
        return try reply.get()
    }

    /// Sends a command as soon as Redis takes writes, and until it was answered; the same command only once. For the few
    /// that must not be lost with the connection. They should be constants: nothing else bounds their number.
    func sendWithNextBeat(_ command: RedisCommand) {
        state.withLock { _ = $0.owed.insert(command) }
    }

    // MARK: - On the queue

    private func sendWaiting() {
        while true {
            let batch = state.withLock { $0.calls.nextBatch() }
            guard let first = batch.first else { return }
            var answered = 0
            do {
                try withSocket { socket throws(RedisFailure) in
                    try socket.exchange(batch.map(\.command), until: first.deadline) { index, reply in
                        answered += 1
                        // Counted before the caller goes on, who may look at the figures.
                        state.withLock { $0.calls.answered(reply) }
                        batch[index].answer(reply)
                    }
                }
            } catch {
                lose(error, batch.suffix(from: answered))
            }
        }
    }

    private func beat(_ number: UInt64) {
        guard state.withLock({ $0.dueBeat == number && !$0.calls.isClosed }) else { return }
        do {
            let isNewConnection = try connect()
            let began = ContinuousClock.now
            let deadline = began + .seconds(limits.commandSeconds)
            let owed = Array(state.withLock { $0.owed })
            try withSocket { socket throws(RedisFailure) in
                _ = try socket.exchange(probe, until: deadline)
                let latency = began.duration(to: .now)
                try socket.exchange(owed, until: deadline) { index, _ in
                    state.withLock { _ = $0.owed.remove(owed[index]) }
                }
                state.withLock { $0.calls.tookWrite(after: latency, isNewConnection: isNewConnection) }
            }
            schedule(after: limits.beatSeconds)
        } catch {
            lose(error, [])
        }
    }

    /// Returns whether the connection had to be made.
    private func connect() throws(RedisFailure) -> Bool {
        try socket.withLock { socket throws(RedisFailure) in
            guard socket == nil else { return false }
            socket = try RedisSocket(address(), limits: limits)
            return true
        }
    }

    private func withSocket(_ body: (RedisSocket) throws(RedisFailure) -> Void) throws(RedisFailure) {
        try socket.withLock { socket throws(RedisFailure) in
            guard let socket else { throw .notConnected }
            try body(socket)
        }
    }

    /// The connection is of no more use: whoever waits is told, and another is made after a pause.
    private func lose(_ failure: RedisFailure, _ unanswered: ArraySlice<RedisCalls.Call>) {
        socket.withLock { $0 = nil }
        let (waiting, pauseSeconds) = state.withLock { $0.calls.lost(failure, unanswered: unanswered.count) }
        for call in unanswered + waiting { call.answer(.failure(failure)) }
        schedule(after: pauseSeconds)
    }

    private func schedule(after seconds: Double) {
        let number: UInt64 = state.withLock { state in
            state.dueBeat += 1
            return state.dueBeat
        }
        // Weak, so that a client that was forgotten does not live for its beat alone.
        queue.asyncAfter(deadline: .now() + seconds) { [weak self] in self?.beat(number) }
    }
}
