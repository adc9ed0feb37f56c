import CSpawn
import Glibc
import Telemetry

/// Starts the command in our own process group and session, with the signals it would have had without us.
///
/// In our process group, because then the terminal's Ctrl-C and Ctrl-Z, a shell's job control and a CI system's kill of
/// the group all reach it directly.
enum CommandSpawner {
    /// - Parameters:
    ///   - arguments: the executable, looked up in PATH unless it has a slash, and its arguments. A script without `#!`
    ///     is given to the shell, as shells do themselves.
    ///   - environment: `NAME=value` each.
    ///   - closed: descriptors the command must not inherit.
    ///   - meter: what measures the command, from its birth on.
    static func spawn(
        _ arguments: [[UInt8]], environment: [[UInt8]], inherited: InheritedProcess, closing closed: [Int32],
        measuredBy meter: StepMeter
    ) throws(SpawnError) -> pid_t {
        let place = meter.birthplace
        meter.enter(bornInPlace: place != nil)
        defer { meter.leave() }
        var outcome = spawn(arguments, environment, inherited, closed, in: place)
        if !outcome.wasPlaced {
            meter.enter()
            outcome = spawn(arguments, environment, inherited, closed, in: nil)
        }
        if outcome.code != 0 {
            let error = SpawnError(code: outcome.code, executable: String(decoding: arguments[0], as: UTF8.self))
            CrashContainment.noteNotStarted(exitStatus: error.exitStatus)
            throw error
        }
        return outcome.process
    }

    private struct Outcome {
        var process: pid_t = 0
        var code: Int32
        var wasPlaced = true
    }

    private static func spawn(
        _ arguments: [[UInt8]], _ environment: [[UInt8]], _ inherited: InheritedProcess, _ closed: [Int32],
        in cgroup: Int32?
    ) -> Outcome {
        withCStrings(arguments) { argv in
            guard let executable = argv.pointee else { return Outcome(code: ENOENT) }
            return withCStrings(environment) { envp in
                closed.withUnsafeBufferPointer { closed in
                    var command = inframind_command(
                        executable: executable, arguments: argv, environment: envp,
                        defaulted_signals: inherited.defaultedSignals, signal_mask: inherited.signalMask,
                        closed: closed.baseAddress, closed_count: Int32(closed.count), cgroup: cgroup ?? -1)
                    var outcome = Outcome(code: 0)
                    CrashContainment.noteStarting()
                    outcome.code = inframind_spawn(&command, &outcome.process, &outcome.wasPlaced)
                    if outcome.code == 0 { CrashContainment.noteRunning(outcome.process) }
                    return outcome
                }
            }
        }
    }
}
