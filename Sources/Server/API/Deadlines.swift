import NIOCore
import ServiceLifecycle
import Synchronization

/// Notices which requests have taken too long: one look at all of them now and then, as a timer for each would cost more
/// than many requests do.
///
/// Requests that are under way when the server is told to stop have their deadlines, too: this service stops after the one
/// that takes requests.
final class Deadlines: Service {
    let timeout: Duration

    private struct Watched {
        var deadline: ContinuousClock.Instant
        var expired: @Sendable () -> Void
    }

    private struct State {
        var next: UInt64 = 0
        var watched: [UInt64: Watched] = [:]
    }

    private let state = Mutex(State())

    init(timeout: Duration) { self.timeout = timeout }

    /// How late a request may be noticed.
    private var interval: Duration { min(timeout / 20, .milliseconds(250)) }

    /// - Parameter expired: called when ``timeout`` is over, and again until it is forgotten.
    /// - Returns: what ``forget(_:)`` takes.
    func watch(_ expired: @escaping @Sendable () -> Void) -> UInt64 {
        let deadline = ContinuousClock.now + timeout
        return state.withLock { state in
            state.next += 1
            state.watched[state.next] = Watched(deadline: deadline, expired: expired)
            return state.next
        }
    }

    func forget(_ watched: UInt64) { state.withLock { _ = $0.watched.removeValue(forKey: watched) } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.interval)) != nil { self.expire() }
        }
    }

    private func expire() {
        let now = ContinuousClock.now
        let late = state.withLock { $0.watched.values.filter { $0.deadline <= now } }
        for request in late { request.expired() }
    }
}
