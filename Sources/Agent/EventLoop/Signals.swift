import Glibc
import Synchronization
import Telemetry

/// Brings signals into the event loop.
final class Signals: EventHandler {
    /// The descriptor the handler writes to; -1 before. A handler has no other way to know it.
    private static let descriptor = Atomic<Int32>(-1)
    /// Signals that have come and were not handled yet, a bit for each number. How often one came is of no interest, and
    /// none is lost, or has to wait, for want of room behind others.
    private static let pending = Atomic<UInt64>(0)
    /// In the order they are handled: whoever is told to end reads no configuration before.
    private static let order = [SIGTERM, SIGINT, SIGHUP]

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
        Self.pending.store(0, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // What was interrupted may be about to ask why its call failed.
            let code = errno
            Signals.pending.bitwiseOr(1 << UInt64(number & 63), ordering: .sequentiallyConsistent)
            var byte: UInt8 = 1
            _ = write(Signals.descriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = code
        }
        // A signal mask outlives `execve`, and some programs start others from threads that block every signal.
        var ours = sigset_t()
        sigemptyset(&ours)
        for number in Self.order {
            sigaction(number, &action, nil)
            sigaddset(&ours, number)
        }
        signal(SIGPIPE, SIG_IGN)
        pthread_sigmask(SIG_UNBLOCK, &ours, nil)
    }

    func ready() {
        pipe.wait(seconds: 0)
        let pending = Self.pending.exchange(0, ordering: .sequentiallyConsistent)
        for number in Self.order where pending & 1 << UInt64(number) != 0 {
            handle(number)
            if number != SIGHUP { return }
        }
    }
}
