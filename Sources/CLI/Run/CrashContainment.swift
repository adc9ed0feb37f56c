import CSpawn
@preconcurrency import Glibc

/// What happens when *we* crash: the build goes on.
///
/// A fault in a helper thread parks that thread, and the main thread, which only waits, carries on without it: the
/// report is late or lost, the command is not. Before there is a command the main thread takes the fault over. A fault
/// in the main thread turns it into the smallest wrapper there is: it waits for the command and ends as it does; or,
/// before there is a command, becomes it.
///
/// Everything a handler touches is plain memory prepared beforehand; it calls only functions that POSIX allows there.
enum CrashContainment {
    /// How far the command has come. A command must never run twice, so each step is noted before anything else
    /// happens.
    fileprivate enum Phase {
        case before
        /// The process may or may not have been made yet.
        case starting
        case running
        case ended
    }

    /// What a handler needs to know.
    fileprivate struct Facts {
        var mainThread: pthread_t
        var phase = Phase.before
        var process: pid_t = 0
        var exitStatus: Int32 = 0
        /// What to become.
        var command: inframind_command
    }

    /// Faults of the program itself; a Swift trap is SIGILL or SIGTRAP.
    private static let faults = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

    /// Memory for the handler to run on: a thread that overflowed its stack has none left.
    private static let stackBytes = 65_536

    /// To be called on the main thread, before there are others.
    ///
    /// What it allocates lives as long as the process.
    /// - Parameter command: what to become, its placeholders filled.
    static func install(for command: WrappedCommandLine, _ inherited: InheritedProcess) {
        let arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: command.arguments.count + 1)
        for (index, argument) in command.arguments.enumerated() {
            arguments[index] = argument.withUnsafeBytes { bytes in
                bytes.baseAddress.flatMap { strndup($0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? strdup("")
            }
        }
        arguments[command.arguments.count] = nil
        let prepared = UnsafeMutablePointer<Facts>.allocate(capacity: 1)
        prepared.initialize(
            to: Facts(
                mainThread: pthread_self(),
                command: inframind_command(
                    executable: arguments.pointee, arguments: arguments, environment: environ,
                    defaulted_signals: inherited.defaultedSignals, signal_mask: inherited.signalMask, closed: nil,
                    closed_count: 0, cgroup: -1)))
        facts = prepared

        var stack = stack_t()
        stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackBytes, alignment: 16)
        stack.ss_size = stackBytes
        sigaltstack(&stack, nil)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in handleFault() }
        action.sa_flags = Int32(SA_ONSTACK) | Int32(bitPattern: UInt32(SA_NODEFER))
        var set = sigset_t()
        sigemptyset(&set)
        for fault in faults {
            sigaction(fault, &action, nil)
            sigaddset(&set, fault)
        }
        // The kernel ends a process whose fault finds its signal blocked, whatever its handler.
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Right before the command is started.
    static func noteStarting() { facts?.pointee.phase = .starting }

    /// Right after: there is a command to wait for.
    static func noteRunning(_ process: pid_t) {
        facts?.pointee.process = process
        facts?.pointee.phase = .running
    }

    /// It could not be started, and that has been or will be said.
    static func noteNotStarted(exitStatus: Int32) { noteEnded(exitStatus: exitStatus) }

    /// It has ended, and this is what we have to end with, whatever else happens.
    static func noteEnded(exitStatus: Int32) {
        facts?.pointee.exitStatus = exitStatus
        facts?.pointee.phase = .ended
    }

    /// From now on whoever wants this process gone has it gone at once, with the status of the command. To be called on
    /// the main thread, after ``noteEnded(exitStatus:)``.
    ///
    /// - Parameter signals: what has come by now was meant for the command that ended, and is forgotten.
    static func endWhenAsked(_ signals: RelayedSignals) {
        guard let facts else { return }
        _ = signals.takePending()
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in endAsCommand() }
        var set = sigset_t()
        sigemptyset(&set)
        for number in RelayedSignals.ending {
            // One that is ignored or blocked from outside, as under nohup, stays so.
            guard sigismember(&facts.pointee.command.defaulted_signals, number) == 1,
                sigismember(&facts.pointee.command.signal_mask, number) == 0
            else { continue }
            sigaction(number, &action, nil)
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}

/// Initialised statically and set once, before the second thread.
private nonisolated(unsafe) var facts: UnsafeMutablePointer<CrashContainment.Facts>?

private func handleFault() {
    guard let facts else { _exit(1) }
    guard pthread_equal(facts.pointee.mainThread, pthread_self()) != 0 else {
        // The main thread may be waiting for this one, and there is no command yet whose end would wake it.
        if facts.pointee.phase == .before { pthread_kill(facts.pointee.mainThread, SIGABRT) }
        while true { pause() }
    }
    switch facts.pointee.phase {
    case .before: becomeCommand(facts)
    case .starting: wait(for: -1, orElse: { becomeCommand(facts) })
    case .running: wait(for: facts.pointee.process, orElse: { _exit(1) })
    case .ended: _exit(facts.pointee.exitStatus)
    }
}

private func endAsCommand() {
    if let facts { _exit(facts.pointee.exitStatus) }
}

private func becomeCommand(_ facts: UnsafeMutablePointer<CrashContainment.Facts>) -> Never {
    _exit(inframind_become(&facts.pointee.command) == ENOENT ? 127 : 126)
}

/// - Parameter process: the command, or -1 for whichever child there is.
private func wait(for process: pid_t, orElse none: () -> Never) -> Never {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
        if errno != EINTR { none() }
    }
    let low = status & 0x7F
    _exit(low == 0 ? status >> 8 & 0xFF : 128 + low)
}
