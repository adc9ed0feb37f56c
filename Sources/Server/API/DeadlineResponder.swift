import Hummingbird

/// Answers 503 when a request takes too long.
struct DeadlineResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    let deadlines: Deadlines

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        let base = base
        let answer = FirstOf<Response>()
        // A task of its own, which may be left behind: what ignores being cancelled must not hold up the answer.
        let handling = Task {
            do {
                answer.settle(.success(try await base.respond(to: request, context: context)))
            } catch {
                answer.settle(.failure(error))
            }
        }
        let timeout = deadlines.timeout
        let watched = deadlines.watch {
            handling.cancel()
            // Nobody else may read a body that is still arriving: its reader notices, and answers.
            guard context.bodyProgress.state != .arriving else { return }
            answer.settle(
                .success(
                    APIError.unavailable("The request took longer than \(timeout).", retryAfterSeconds: 1).response))
        }
        defer { deadlines.forget(watched) }
        return try await withTaskCancellationHandler {
            try await answer.value
        } onCancel: {
            handling.cancel()
        }
    }
}
