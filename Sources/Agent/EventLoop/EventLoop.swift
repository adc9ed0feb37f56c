import CEpoll
import Glibc

/// Wants to know when a descriptor can be read or written.
protocol EventHandler: AnyObject {
    /// The descriptor may be ready; it may as well not be, so every call on it must be one that does not wait.
    func ready()
}

/// Has something to do at a certain time.
protocol Timed: AnyObject {
    /// When to call ``fire(at:)``, in nanoseconds of ``monotonicNanoseconds()``; `Int64.max` for never.
    var dueNanoseconds: Int64 { get }
    func fire(at now: Int64)
}

/// Nanoseconds on the clock that never jumps, from an arbitrary start.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Waits for descriptors and times on one thread, and calls whoever waits for them.
///
/// One thread is enough for an agent, and spares it every lock. Waiting costs the same for one client as for a
/// thousand, and allocates nothing.
final class EventLoop {
    struct CannotWait: Error, Hashable, CustomStringConvertible {
        var code: Int32
        var description: String { "cannot wait for events: \(String(cString: strerror(code)))" }
    }

    enum Interest {
        case reading, writing, nothing

        fileprivate var events: UInt32 {
            switch self {
            case .reading: EPOLLIN.rawValue
            case .writing: EPOLLOUT.rawValue
            case .nothing: 0
            }
        }
    }

    private let descriptor: Int32
    /// By descriptor: the kernel hands out the lowest numbers, so the array stays short.
    private var handlers: [(any EventHandler)?] = []
    private var timed: [any Timed] = []
    private var events: [epoll_event]
    private var isStopped = false
    /// How often the loop has waited: what happens in one turn happened together.
    private(set) var turn = 0

    init() throws(CannotWait) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw CannotWait(code: errno) }
        events = [epoll_event](repeating: epoll_event(), count: 1024)
    }

    deinit { close(descriptor) }

    /// Calls `handler` when `watched` is ready for `interest`, until ``forget(_:)``.
    ///
    /// - Returns: false when the kernel would not, and `errno` says why.
    func watch(_ watched: Int32, for interest: Interest, _ handler: any EventHandler) -> Bool {
        guard control(EPOLL_CTL_ADD, watched, interest) else { return false }
        while handlers.count <= Int(watched) { handlers.append(nil) }
        handlers[Int(watched)] = handler
        return true
    }

    func change(_ watched: Int32, to interest: Interest) { _ = control(EPOLL_CTL_MOD, watched, interest) }

    /// Call this before closing the descriptor.
    func forget(_ watched: Int32) {
        _ = control(EPOLL_CTL_DEL, watched, .nothing)
        if Int(watched) < handlers.count { handlers[Int(watched)] = nil }
    }

    func add(_ another: any Timed) { timed.append(another) }

    func remove(_ other: any Timed) { timed.removeAll { $0 === other } }

    /// Makes ``run()`` return when the handlers of this turn are done.
    func stop() { isStopped = true }

    func run() {
        while !isStopped { runOnce() }
    }

    /// Waits once, and calls everyone whose time has come.
    func runOnce() {
        let count = events.withUnsafeMutableBufferPointer {
            epoll_wait(descriptor, $0.baseAddress, Int32($0.count), timeoutMilliseconds())
        }
        turn += 1
        for index in 0..<max(0, Int(count)) {
            // A handler may be gone by now, or its descriptor in other hands; those find nothing to do.
            let watched = Int(events[index].data.fd)
            if watched < handlers.count { handlers[watched]?.ready() }
        }
        let now = monotonicNanoseconds()
        // Whoever fires may add or remove others.
        var index = 0
        while index < timed.count {
            if timed[index].dueNanoseconds <= now { timed[index].fire(at: now) }
            index += 1
        }
    }

    /// Until the first is due, rounded up so that the wait does not become a spin; -1 when none is.
    private func timeoutMilliseconds() -> Int32 {
        var due = Int64.max
        for index in 0..<timed.count { due = min(due, timed[index].dueNanoseconds) }
        guard due < .max else { return -1 }
        let wait = max(0, due - monotonicNanoseconds())
        return Int32(min(3_600_000, (wait + 999_999) / 1_000_000))
    }

    private func control(_ operation: Int32, _ watched: Int32, _ interest: Interest) -> Bool {
        var event = epoll_event()
        event.events = interest.events
        event.data.fd = watched
        return epoll_ctl(descriptor, operation, watched, &event) == 0
    }
}
