import Glibc

/// The command could not be started.
struct SpawnError: Error, Hashable, Sendable {
    /// `errno`.
    var code: Int32
    var executable: String

    /// What a shell would exit with: 127 when there is no such command, 126 when it cannot be executed.
    var exitStatus: Int32 { [ENOENT, ENOTDIR].contains(code) ? 127 : 126 }

    /// True when no process could be made for it: the user has as many as the limit allows, or memory is short.
    var isForWantOfProcess: Bool { [EAGAIN, ENOMEM].contains(code) }

    var sentence: String {
        if code == ENOENT && !executable.contains("/" as Character) { return "\(executable): command not found" }
        return "\(executable): \(String(cString: strerror(code)))"
    }

    /// Says it on standard error, as a shell does.
    ///
    /// - Returns: ``exitStatus``.
    func tell() -> Int32 {
        write("inframind: \(sentence)\n", to: .diagnostics)
        return exitStatus
    }
}
