import Glibc

/// Starts the command in our own process group and session, with the signals it would have had without us.
///
/// In our process group, because then the terminal's Ctrl-C and Ctrl-Z, a shell's job control and a CI system's kill of
/// the group all reach it directly.
enum CommandSpawner {
    /// - Parameters:
    ///   - arguments: the executable, looked up in PATH unless it has a slash, and its arguments.
    ///   - environment: `NAME=value` each.
    ///   - closed: descriptors the command must not inherit.
    static func spawn(
        _ arguments: [[UInt8]], environment: [[UInt8]], inherited: InheritedProcess, closing closed: [Int32]
    ) throws(SpawnError) -> pid_t {
        var process: pid_t = 0
        var code = spawn(&process, arguments, environment, inherited, closed)
        if code == ENOEXEC, let path = executablePath(arguments[0], environment) {
            // A script without `#!`: shells run it themselves, and so do we.
            code = spawn(
                &process, [Array("/bin/sh".utf8), path] + arguments.dropFirst(), environment, inherited, closed)
        }
        if code != 0 {
            let error = SpawnError(code: code, executable: String(decoding: arguments[0], as: UTF8.self))
            CrashContainment.noteNotStarted(exitStatus: error.exitStatus)
            throw error
        }
        return process
    }

    private static func spawn(
        _ process: inout pid_t, _ arguments: [[UInt8]], _ environment: [[UInt8]], _ inherited: InheritedProcess,
        _ closed: [Int32]
    ) -> Int32 {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaulted = inherited.defaultedSignals
        var mask = inherited.signalMask
        posix_spawnattr_setsigdefault(&attributes, &defaulted)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in closed { posix_spawn_file_actions_addclose(&actions, descriptor) }
        return withCStrings(arguments) { argv in
            guard let executable = argv.pointee else { return ENOENT }
            return withCStrings(environment) { envp in
                CrashContainment.noteStarting()
                let code = posix_spawnp(&process, executable, &actions, &attributes, argv, envp)
                if code == 0 { CrashContainment.noteRunning(process) }
                return code
            }
        }
    }

    /// Where `posix_spawnp` found the file.
    private static func executablePath(_ name: [UInt8], _ environment: [[UInt8]]) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        if name.contains(slash) { return name }
        let prefix = Array("PATH=".utf8)
        let path = environment.first { $0.starts(with: prefix) }.map { Array($0.dropFirst(prefix.count)) }
        let folders = (path ?? Array("/bin:/usr/bin".utf8))
            .split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for folder in folders {
            let candidate = (folder.isEmpty ? [UInt8(ascii: ".")] : Array(folder)) + [slash] + name
            let isExecutable = withCStrings([candidate]) { path in path.pointee.map { access($0, X_OK) == 0 } ?? false }
            if isExecutable { return candidate }
        }
        return nil
    }
}
