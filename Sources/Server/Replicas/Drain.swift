import Hummingbird
import ServiceLifecycle
import Synchronization

/// The time between being told to stop and stopping: requests are answered as ever, while whoever balances the load learns
/// from `/readyz` that it should send no more.
final class Drain: Service {
    private let duration: Duration
    private let began = Mutex(false)

    init(duration: Duration) { self.duration = duration }

    var hasBegun: Bool { began.withLock { $0 } }

    func begin() { began.withLock { $0 = true } }

    /// Stopped before all other services, which go on until this returns.
    func run() async throws {
        try? await gracefulShutdown()
        begin()
        // Cut short only when another service failed.
        try? await Task.sleep(for: duration)
    }
}

/// Asks clients that keep their connection to come back over another, once the server drains.
struct DrainingResponder<Base: HTTPResponder>: HTTPResponder {
    let base: Base
    let drain: Drain

    func respond(to request: Request, context: Base.Context) async throws -> Response {
        var response = try await base.respond(to: request, context: context)
        if drain.hasBegun { response.headers[.connection] = "close" }
        return response
    }
}
