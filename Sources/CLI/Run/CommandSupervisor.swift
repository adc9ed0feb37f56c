import Glibc
import Telemetry

/// Waits for the command, passes signals on to it, stops and continues with it, and reaps whatever it left behind.
struct CommandSupervisor {
    let command: pid_t
    let signals: RelayedSignals
    var roots = KernelRoots()

    /// How the command ended.
    struct End: Sendable {
        enum Cause: Hashable, Sendable {
            case exited(Int32)
            case signalled(Int32)
        }

        var cause: Cause
        /// Resources of the command and of every descendant that was reaped here.
        var reaped: ReapedUsage

        /// As a shell reports it: 128 + N after signal N.
        var exitStatus: Int32 {
            switch cause {
            case .exited(let status): status
            case .signalled(let number): 128 + number
            }
        }
    }

    /// Passes on what came while the command was being born. A signal of the terminal is passed on as well: it may have
    /// gone to the group before the command was in it. A command that was, and already acted on it, has it twice.
    func relayPending() {
        for (number, info) in signals.takePending() {
            if info.si_code == Int32(SI_KERNEL) { kill(command, number) } else { relay(number, info) }
        }
    }

    /// Blocks the calling thread until the command itself has ended. Daemons it left are not waited for.
    func waitForEnd() -> End {
        var reaped = ReapedUsage()
        while true {
            if let cause = reap(&reaped) { return End(cause: cause, reaped: reaped) }
            var set = signals.set
            var info = siginfo_t()
            let number = sigwaitinfo(&set, &info)
            if number > 0 && number != SIGCHLD { relay(number, info) }
        }
    }

    /// Collects every child that has ended by now; ours by birth, or by being orphaned below us.
    ///
    /// - Returns: how the command ended, if it did.
    private func reap(_ reaped: inout ReapedUsage) -> End.Cause? {
        var end: End.Cause?
        while true {
            var status: Int32 = 0
            var usage = rusage()
            let process = wait4(-1, &status, WNOHANG | WUNTRACED, &usage)
            if process < 0 && errno == EINTR { continue }
            if process < 0 && errno == ECHILD && end == nil {
                // Somebody else took the status. It cannot be known any more, and must not look like success.
                return .exited(1)
            }
            if process <= 0 { return end }
            // <sys/wait.h>: the low seven bits are 0 after exit, 0x7F when stopped, else the signal.
            let low = status & 0x7F
            if low == 0x7F {
                if process == command { stop(as: status >> 8 & 0xFF) }
                continue
            }
            reaped.add(usage)
            if process == command { end = low == 0 ? .exited(status >> 8 & 0xFF) : .signalled(low) }
        }
    }

    /// Job control: a shell that sees us stop gets its prompt back. SIGSTOP is not mirrored: whoever sends that to the
    /// command alone will also continue it alone, and we would sleep on.
    private func stop(as number: Int32) {
        if [SIGTSTP, SIGTTIN, SIGTTOU].contains(number) { RelayedSignals.act(as: number) }
    }

    private func relay(_ number: Int32, _ info: siginfo_t) {
        // Sent by the terminal: the whole foreground group has it, the command among them. A hang-up goes to the
        // session leader alone.
        if info.si_code == Int32(SI_KERNEL) && !(number == SIGHUP && getsid(0) == getpid()) { return }
        // Sent from below, to its whole group: passing it on would hand it back.
        if info.si_code == 0 /* SI_USER */
            && isBelowUs(info._sifields._kill.si_pid)
        {
            return
        }
        kill(command, number)
    }

    /// True when `process` descends from this process.
    private func isBelowUs(_ process: pid_t) -> Bool {
        var current = process
        // Far deeper than process trees grow; a parent that changes meanwhile cannot make it endless.
        for _ in 0..<256 {
            if current <= 1 { return false }
            if current == getpid() { return true }
            guard let parent = parentProcess(of: current, procfs: roots.procfs) else { return false }
            current = parent
        }
        return false
    }
}
