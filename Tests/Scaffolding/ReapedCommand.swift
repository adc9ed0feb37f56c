import Glibc
import Synchronization

/// A command that a thread of its own waits for, so that it is reaped the moment it ends, and what `wait4` says it used.
public final class ReapedCommand: Sendable {
    public struct End: Sendable {
        public var status: Int32
        public var cpuSeconds: Double
        public var maxRSSBytes: Int64
    }

    /// It, or the thread that waits for it, could not be started.
    public struct CannotStart: Error { public var code: Int32 }

    public let processID: pid_t
    private let state = Mutex<End?>(nil)

    /// - Parameter environment: the whole of it.
    public init(_ arguments: [String], environment: [String: String]) throws {
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let spawned = posix_spawnp(&process, arguments[0], nil, nil, &argv, &envp)
        guard spawned == 0 else { throw CannotStart(code: spawned) }
        processID = process
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ReapedCommand>.fromOpaque(context).takeRetainedValue().wait() }
                return nil
            }, context.toOpaque())
        guard code == 0 else { throw CannotStart(code: code) }
        pthread_detach(thread)
    }

    /// `nil` while it runs.
    public var end: End? { state.withLock { $0 } }

    private func wait() {
        var usage = rusage()
        var status: Int32 = 0
        while wait4(processID, &status, 0, &usage) < 0 && errno == EINTR {}
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        let end = End(
            status: status, cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            maxRSSBytes: Int64(usage.ru_maxrss) * 1024)
        state.withLock { $0 = end }
    }
}
