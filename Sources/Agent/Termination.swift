import Glibc
import Synchronization
import Telemetry

/// Turns `SIGTERM` and `SIGINT` into a wake of a pipe.
enum Termination {
    /// The descriptor the handler writes to; -1 before ``wake(_:)``. A handler has no other way to know it.
    private static let descriptor = Atomic<Int32>(-1)

    /// From now on either signal wakes `pipe`, which must live as long as the process. Clients that go away are no
    /// reason to die, so `SIGPIPE` is ignored.
    static func wake(_ pipe: WakePipe) {
        descriptor.store(pipe.writeDescriptor, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            var byte: UInt8 = 1
            _ = write(Termination.descriptor.load(ordering: .sequentiallyConsistent), &byte, 1)
        }
        sigaction(SIGTERM, &action, nil)
        sigaction(SIGINT, &action, nil)
        signal(SIGPIPE, SIG_IGN)
        // A signal mask outlives `execve`, and some programs start others from threads that block every signal.
        var ours = sigset_t()
        sigemptyset(&ours)
        sigaddset(&ours, SIGTERM)
        sigaddset(&ours, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &ours, nil)
    }
}
