import Glibc
import Synchronization
import Telemetry

/// One thread for readings that take too long for a scrape: walking over a cache, waiting for a server.
///
/// It is started by the first reading and runs with the lowest priority. It ends when this object does, after the
/// reading it is at.
final class BackgroundThread: Sendable {
    private let shared: Shared?

    /// What the thread keeps alive.
    private final class Shared: Sendable {
        let pipe: WakePipe
        let state = Mutex(State())

        init?() {
            guard let pipe = WakePipe() else { return nil }
            self.pipe = pipe
        }
    }

    private struct State {
        var jobs: [any BackgroundJob] = []
        var isStarted = false
        var isEnding = false
    }

    /// Folders are walked with a few hundred bytes of stack each.
    private static let stackBytes = 512 << 10

    /// - Parameter isImmediate: readings are made by whoever asks, at once. For tests and one-off pages.
    init(isImmediate: Bool = false) { shared = isImmediate ? nil : Shared() }

    deinit {
        guard let shared else { return }
        shared.state.withLock { $0.isEnding = true }
        shared.pipe.wake()
    }

    /// Makes `job` one that is run when it wants to.
    func add(_ job: any BackgroundJob) { shared?.state.withLock { $0.jobs.append(job) } }

    /// A job has come to want to run. Allocates nothing once the thread runs.
    func wake(for job: any BackgroundJob) {
        guard let shared else { return job.runIfWanted() }
        let isFirst = shared.state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        // Without a thread the numbers stay as they are; the next look tries again.
        if isFirst && !Self.start(shared) { shared.state.withLock { $0.isStarted = false } }
        shared.pipe.wake()
    }

    private static func start(_ shared: Shared) -> Bool {
        guard let thread = QuietThread.start(stackBytes: stackBytes, { run(shared) }) else { return false }
        pthread_detach(thread)
        return true
    }

    private static func run(_ shared: Shared) {
        // Of priorities the kernel has one for each thread.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        while true {
            let (jobs, isEnding) = shared.state.withLock { ($0.jobs, $0.isEnding) }
            if isEnding { return }
            for job in jobs { job.runIfWanted() }
            shared.pipe.wait(seconds: nil)
        }
    }
}

/// Something for a ``BackgroundThread`` to do.
protocol BackgroundJob: AnyObject, Sendable {
    /// Runs if it has been asked for since it last ran.
    func runIfWanted()
}
