import Synchronization

/// The first of several results; later ones are dropped. One task waits for it.
final class FirstOf<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case settled(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.open)

    func settle(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open:
                state = .settled(result)
                return nil
            case .awaited(let continuation):
                state = .taken
                return continuation
            case .settled, .taken: return nil
            }
        }
        waiting?.resume(with: result)
    }

    var value: Value {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let settled: Result<Value, any Error>? = state.withLock { state in
                    if case .settled(let result) = state { return result }
                    state = .awaited(continuation)
                    return nil
                }
                if let settled { continuation.resume(with: settled) }
            }
        }
    }
}

extension Task where Failure == any Error {
    /// The task's value, or `nil` when it has none after `duration`; the task goes on.
    func value(within duration: Duration) async throws -> Success? {
        let first = FirstOf<Success?>()
        let timer = Task<Void, Never> {
            // Cancelled means that there is a value.
            if (try? await Task<Never, Never>.sleep(for: duration)) != nil { first.settle(.success(nil)) }
        }
        Task<Void, Never> {
            first.settle(await self.result.map(Optional.some))
            timer.cancel()
        }
        return try await first.value
    }
}
