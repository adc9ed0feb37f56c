import Dispatch
import Synchronization

/// A few connections that read, and the callers that wait for one of them, first come first served.
final class PostgreSQLReaders: Sendable {
    /// A connection with a thread of its own: libpq blocks, and the threads of the cooperative pool must not.
    private struct Reader: Sendable {
        let slot: PostgreSQLSlot
        let queue: DispatchQueue
    }

    private struct State {
        var idle: [Reader]
        var waiting: [@Sendable (Reader?) -> Void] = []
        var isClosed = false
    }

    private let state: Mutex<State>
    private let waitingReads: Int
    private let count: Int

    init(_ address: PostgreSQLAddress, limits: PostgreSQLLimits) {
        let readers = (0..<limits.readers).map { number in
            Reader(
                slot: PostgreSQLSlot(address, limits: limits),
                queue: DispatchQueue(label: "inframind.storage.reader.\(number)"))
        }
        state = Mutex(State(idle: readers))
        waitingReads = limits.waitingReads
        count = limits.readers
    }

    /// One state of the database for all statements of a read.
    private static let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { caller in
            acquire { [self] result in
                let reader: Reader
                do {
                    reader = try result.get()
                } catch {
                    return caller.resume(throwing: error)
                }
                reader.queue.async {
                    let result = Result { try reader.slot.transaction(Self.begin, body) }
                    self.release(reader)
                    caller.resume(with: result)
                }
            }
        }
    }

    /// Disconnects; reads that are under way end first, and those that wait are refused.
    func close() async {
        let (wasClosed, refused) = state.withLock { state in
            defer {
                state.isClosed = true
                state.waiting = []
            }
            return (state.isClosed, state.waiting)
        }
        // Who closes first has, or waits for, all readers.
        if wasClosed { return }
        for caller in refused { caller(nil) }
        for _ in 0..<count {
            await withCheckedContinuation { done in
                takeLast { reader in
                    reader.queue.async {
                        reader.slot.disconnect()
                        done.resume()
                    }
                }
            }
        }
    }

    private func acquire(_ then: @escaping @Sendable (Result<Reader, StoreError>) -> Void) {
        let found: Result<Reader, StoreError>? = state.withLock { state in
            if state.isClosed { return .failure(.unavailable("The store is closed.")) }
            // The one used last has its statements prepared and its pages warm.
            if let reader = state.idle.popLast() { return .success(reader) }
            if state.waiting.count >= waitingReads { return .failure(.overloaded(retryAfterSeconds: 1)) }
            state.waiting.append { reader in
                then(reader.map(Result.success) ?? .failure(.unavailable("The store is closed.")))
            }
            return nil
        }
        if let found { then(found) }
    }

    private func release(_ reader: Reader) {
        let next: (@Sendable (Reader?) -> Void)? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(reader)
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?(reader)
    }

    /// Takes a reader for good, waiting for one that is lent.
    private func takeLast(_ then: @escaping @Sendable (Reader) -> Void) {
        let reader: Reader? = state.withLock { state in
            if let reader = state.idle.popLast() { return reader }
            state.waiting.append { reader in if let reader { then(reader) } }
            return nil
        }
        if let reader { then(reader) }
    }
}
