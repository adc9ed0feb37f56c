import Synchronization

/// A value that is read beside the scrapes, at most once in a while and only while somebody scrapes.
final class BackgroundReading<Value: Sendable>: BackgroundJob {
    private struct State {
        var value: Value?
        /// Nanoseconds of the clock of whoever asks.
        var askedAt: Int64?
        var isWanted = false
        var isRunning = false
    }

    private let state = Mutex(State())
    private let thread: BackgroundThread
    private let periodNanoseconds: Int64
    private let read: @Sendable () -> Value

    /// - Parameters:
    ///   - seconds: from the start of one reading to the start of the next, at least.
    ///   - read: runs on the thread, never twice at once.
    init(everySeconds seconds: Double, on thread: BackgroundThread, read: @escaping @Sendable () -> Value) {
        self.thread = thread
        periodNanoseconds = Int64(seconds * 1e9)
        self.read = read
    }

    /// Begins to be a job of its thread.
    func start() -> Self {
        thread.add(self)
        return self
    }

    /// The value read last, `nil` before the first reading is finished; asks for a new one if it is time.
    func latest(at now: Int64) -> Value? {
        let isDue = state.withLock { state in
            if state.isWanted || state.isRunning { return false }
            if let askedAt = state.askedAt, now - askedAt < periodNanoseconds { return false }
            state.askedAt = now
            state.isWanted = true
            return true
        }
        if isDue { thread.wake(for: self) }
        return state.withLock { $0.value }
    }

    /// The value read last, without asking for another.
    var current: Value? { state.withLock { $0.value } }

    /// Asks for a new value if it is time. For whoever needs several: to wait for one is no reason not to ask for the next.
    func ask(at now: Int64) { _ = latest(at: now) }

    /// How long the reading that is under way has taken so far; 0 when there is none.
    func nanosecondsUnderWay(at now: Int64) -> Int64 {
        state.withLock { $0.isWanted || $0.isRunning ? max(0, now - ($0.askedAt ?? now)) : 0 }
    }

    func runIfWanted() {
        let isWanted = state.withLock { state in
            guard state.isWanted, !state.isRunning else { return false }
            state.isWanted = false
            state.isRunning = true
            return true
        }
        guard isWanted else { return }
        let value = read()
        state.withLock { state in
            state.value = value
            state.isRunning = false
        }
    }
}

extension BackgroundReading {
    /// The value read last, or why there is none.
    ///
    /// A disk or a server that does not answer stops nothing, but its old numbers are not shown for ever.
    func latestOrFailure(at now: Int64) throws(CollectorFailure) -> Value {
        let value = latest(at: now)
        try checkProgress(at: now)
        guard let value else { throw .firstReading }
        return value
    }

    /// Throws when a reading has been under way for so long that its old numbers are no longer to be shown.
    func checkProgress(at now: Int64) throws(CollectorFailure) {
        if nanosecondsUnderWay(at: now) > Self.patienceNanoseconds + 3 * periodNanoseconds { throw .stuckReading }
    }

    private static var patienceNanoseconds: Int64 { 120_000_000_000 }
}

extension CollectorFailure {
    fileprivate static let firstReading = CollectorFailure(reason: "the first reading is not finished yet")
    fileprivate static let stuckReading = CollectorFailure(
        reason: "the last reading has not come back for minutes",
        remedy: "look for a disk or a server that does not answer")
}
