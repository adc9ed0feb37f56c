import Glibc
import Synchronization
import Telemetry

/// Brings signals into the event loop.
final class Signals: EventHandler {
    /// The descriptor the handler writes to; -1 before. A handler has no other way to know it.
    private static let descriptor = Atomic<Int32>(-1)

    private let pipe: WakePipe
    private let handle: (Int32) -> Void

    /// From now on `SIGTERM`, `SIGINT` and `SIGHUP` reach `handle`, in `loop`. Clients that go away are no reason to
    /// die, so `SIGPIPE` is ignored.
    ///
    /// - Returns: `nil` when the process is out of file descriptors.
    init?(_ loop: EventLoop, _ handle: @escaping (Int32) -> Void) {
        guard let pipe = WakePipe() else { return nil }
        self.pipe = pipe
        self.handle = handle
        guard loop.watch(pipe.readDescriptor, for: .reading, self) else { return nil }
        Self.descriptor.store(pipe.writeDescriptor, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.descriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
        }
        // A signal mask outlives `execve`, and some programs start others from threads that block every signal.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            sigaction(number, &action, nil)
            sigaddset(&ours, number)
        }
        signal(SIGPIPE, SIG_IGN)
        pthread_sigmask(SIG_UNBLOCK, &ours, nil)
    }

    func ready() {
        var byte: UInt8 = 0
        while read(pipe.readDescriptor, &byte, 1) == 1 { handle(Int32(byte)) }
    }
}
