import Dispatch
import Synchronization

/// Asynchronous work that a thread outside the cooperative pool (the main thread) can wait for, as long as it likes and
/// no longer.
final class BackgroundWork<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let finished = DispatchSemaphore(value: 0)
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ work: @escaping @Sendable () async throws -> Value) {
        let started = Task.detached { [self] in
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            finished.signal()
        }
        task.withLock { $0 = started }
    }

    /// Waits for the end.
    func wait() throws -> Value {
        finished.wait()
        finished.signal()
        guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    /// Waits until `deadline` at most.
    ///
    /// - Returns: `nil` when the work is not done by then; it goes on.
    func wait(until deadline: ContinuousClock.Instant) -> Result<Value, any Error>? {
        let left = ContinuousClock.now.duration(to: deadline).components
        let nanoseconds = max(0, left.seconds) * 1_000_000_000 + max(0, left.attoseconds / 1_000_000_000)
        guard finished.wait(timeout: .now() + .nanoseconds(Int(nanoseconds))) == .success else { return nil }
        finished.signal()
        return outcome.withLock { $0 }
    }

    /// The outcome, for other asynchronous work.
    func value() async throws -> Value {
        await task.withLock { $0 }?.value
        guard let result = outcome.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }

    func cancel() { task.withLock { $0?.cancel() } }
}
