import CSpawn
import Glibc
import Telemetry

/// Starts the command in our own process group and session, with the signals it would have had without us.
///
/// In our process group, because then the terminal's Ctrl-C and Ctrl-Z, a shell's job control and a CI system's kill of
/// the group all reach it directly.
struct CommandSpawner {
    /// The executable, looked up in PATH unless it has a slash, and its arguments. A script without `#!` is given to the
    /// shell, as shells do themselves.
    var arguments: [[UInt8]]
    /// `NAME=value` each.
    var environment: [[UInt8]]
    var inherited: InheritedProcess
    /// Descriptors the command must not inherit.
    var closed: [Int32] = []

    /// - Parameter meter: what measures the command, from its birth on.
    func spawn(measuredBy meter: StepMeter) throws(SpawnError) -> pid_t {
        let place = meter.birthplace
        meter.enter(bornInPlace: place != nil)
        defer { meter.leave() }
        var outcome = spawn(in: place)
        if !outcome.wasPlaced {
            meter.enter()
            outcome = spawn(in: nil)
        }
        if outcome.code != 0 {
            let error = error(outcome.code)
            CrashContainment.noteNotStarted(exitStatus: error.exitStatus)
            throw error
        }
        return outcome.process
    }

    /// Turns this process into the command.
    ///
    /// - Returns: why not, and only when that failed.
    func become() -> SpawnError {
        error(withCommand(in: nil) { inframind_become(&$0) })
    }

    private struct Outcome {
        var process: pid_t = 0
        var code: Int32 = 0
        var wasPlaced = true
    }

    private func spawn(in cgroup: Int32?) -> Outcome {
        var outcome = Outcome()
        CrashContainment.noteStarting()
        outcome.code = withCommand(in: cgroup) { inframind_spawn(&$0, &outcome.process, &outcome.wasPlaced) }
        if outcome.code == 0 { CrashContainment.noteRunning(outcome.process) }
        return outcome
    }

    private func error(_ code: Int32) -> SpawnError {
        SpawnError(code: code, executable: arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    /// Calls `body` with the command as C has it.
    private func withCommand(in cgroup: Int32?, _ body: (inout inframind_command) -> Int32) -> Int32 {
        withCStrings(arguments) { argv in
            guard let executable = argv.pointee else { return ENOENT }
            return withCStrings(environment) { envp in
                closed.withUnsafeBufferPointer { closed in
                    var command = inframind_command(
                        executable: executable, arguments: argv, environment: envp,
                        defaulted_signals: inherited.defaultedSignals, signal_mask: inherited.signalMask,
                        closed: closed.baseAddress, closed_count: Int32(closed.count), cgroup: cgroup ?? -1)
                    return body(&command)
                }
            }
        }
    }
}
