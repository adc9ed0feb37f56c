import Hummingbird
import Synchronization

/// Answers 503 when a request takes too long.
struct DeadlineResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    let timeout: Duration

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        let (base, timeout) = (base, timeout)
        let handling = Task { try await base.respond(to: request, context: context) }
        return try await withTaskCancellationHandler {
            if let response = try await handling.value(within: timeout) { return response }
            // A body still arriving has its own deadline, and nobody else may read it meanwhile: let it end.
            if context.bodyProgress.state == .arriving, let response = try await handling.value(within: timeout) {
                return response
            }
            handling.cancel()
            return APIError.unavailable("The request took longer than \(timeout).", retryAfterSeconds: 1).response
        } onCancel: {
            handling.cancel()
        }
    }
}

extension Task where Failure == any Error {
    /// The task's value, or `nil` when it has none after `duration`; the task goes on.
    func value(within duration: Duration) async throws -> Success? {
        try await withCheckedThrowingContinuation { continuation in
            let once = ResumeOnce(continuation)
            let timer = Task<Void, Never> {
                // Cancelled means that there is a value; it alone may answer then.
                guard (try? await Task<Never, Never>.sleep(for: duration)) != nil else { return }
                once.resume(with: .success(nil))
            }
            Task<Void, Never> {
                let result = await self.result
                once.resume(with: result.map(Optional.some))
                timer.cancel()
            }
        }
    }
}

/// Lets the first of several resume a continuation.
private final class ResumeOnce<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Value, any Error>?>

    init(_ continuation: CheckedContinuation<Value, any Error>) { self.continuation = Mutex(continuation) }

    func resume(with result: Result<Value, any Error>) {
        continuation.withLock { continuation in
            continuation?.resume(with: result)
            continuation = nil
        }
    }
}
