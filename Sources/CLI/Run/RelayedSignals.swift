import Glibc

/// Signals that are for the command and reach us instead.
///
/// They are blocked in every thread and taken one by one by the thread that waits for the command, so that no handler
/// ever runs and none is lost.
struct RelayedSignals {
    let set: sigset_t

    /// Signals that ask a program to end.
    static let ending = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    /// Everything a person or a CI system may send. Not among them: KILL and STOP, which cannot be caught; faults,
    /// which are our own; PIPE and XFSZ, which are ignored.
    private static let numbers: [Int32] =
        [
            SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU,
            SIGURG, SIGWINCH, SIGIO, SIGPWR,
        ] + Array(34...64)  // Real-time signals; glibc keeps 32 and 33 for itself.

    /// Blocks them. Has to happen before the first thread is made: threads inherit the mask.
    static func block() -> RelayedSignals {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A parent that ignores SIGCHLD would leave us without the exit status of the command.
        signal(SIGCHLD, SIG_DFL)
        // A reader that went away, or a limit on the size of files, fails a write of ours. It must not end us.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        return RelayedSignals(set: set)
    }

    /// Signals that came before there was a command to send them to.
    func pending() -> [Int32] {
        var pending = sigset_t()
        sigemptyset(&pending)
        sigpending(&pending)
        return Self.numbers.filter { sigismember(&pending, $0) == 1 }
    }

    /// Takes what has come by now, each with who sent it; but SIGCHLD, which only wakes.
    func takePending() -> [(number: Int32, info: siginfo_t)] {
        var taken: [(Int32, siginfo_t)] = []
        var set = set
        sigdelset(&set, SIGCHLD)
        var info = siginfo_t()
        var now = timespec()
        // No more than can wait in a queue: whoever sends faster than this must not keep us here.
        while taken.count < 1024 {
            let number = sigtimedwait(&set, &info, &now)
            if number < 0 && errno == EINTR { continue }
            if number <= 0 { break }
            taken.append((number, info))
        }
        return taken
    }

    /// Lets `number` do to us what it does to any program: end it, or stop it.
    static func act(as number: Int32) {
        var one = sigset_t()
        sigemptyset(&one)
        sigaddset(&one, number)
        pthread_sigmask(SIG_UNBLOCK, &one, nil)
        kill(getpid(), number)
        // Here again after a stop, or when the signal is ignored.
        pthread_sigmask(SIG_BLOCK, &one, nil)
    }
}
