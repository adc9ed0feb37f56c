import Foundation
import Glibc
import Testing

@testable import CLI

/// The wrapper's manners, on the real binary: it is not there.
@Suite struct PassThroughTests {
    @Test("The exit status is the command's", arguments: [0, 1, 2, 7, 64, 126, 127, 128, 137, 255] as [Int32])
    func exitStatus(status: Int32) throws {
        let result = try Binary().run(["sh", "-c", "exit \(status)"])
        #expect(result.status == status)
        #expect(result.output.isEmpty && result.diagnostics.isEmpty)
    }

    @Test("A signal that ends the command becomes 128 + N", arguments: [1, 2, 6, 9, 11, 13, 15, 34] as [Int32])
    func signalled(number: Int32) throws {
        #expect(try Binary().run(["sh", "-c", "kill -\(number) $$"]).status == 128 + number)
    }

    @Test("What cannot be started ends as in a shell")
    func cannotStart() throws {
        let binary = try Binary()
        let missing = try binary.run(["no-such-command-here"])
        #expect(missing.status == 127)
        #expect(missing.diagnostics == "inframind: no-such-command-here: command not found\n")
        #expect(try binary.run(["./missing"]).status == 127)
        try binary.folder.write("text", to: "plain")
        #expect(try binary.run(["./plain"]).status == 126)
        #expect(try binary.run(["/"]).status == 126)
    }

    @Test("A script without #! runs under sh, as it does from a shell")
    func noInterpreter() throws {
        let binary = try Binary()
        try binary.folder.write("echo from script $1\nexit 3\n", to: "script")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary.folder.path + "/script")
        let result = try binary.run(["./script", "x"])
        #expect(result.status == 3 && result.output == "from script x\n")
    }

    @Test("Standard input, output and error are the command's own")
    func streams() throws {
        let result = try Binary().run(["sh", "-c", "cat; echo error >&2"], input: "line 1\nline 2\n")
        #expect(result.output == "line 1\nline 2\n")
        #expect(result.diagnostics == "error\n")
    }

    @Test("Only --verbose speaks, and only on standard error")
    func verbose() throws {
        let result = try Binary().run(["echo", "out"], options: ["--verbose"])
        #expect(result.output == "out\n")
        #expect(result.diagnostics.contains("inframind: "))
    }

    @Test("No descriptor of ours reaches the command")
    func descriptors() throws {
        let script = "ls /proc/self/fd | wc -l"
        let direct = try Binary()(["-c", script], executable: "/bin/sh")
        let wrapped = try Binary().run(["sh", "-c", script])
        #expect(wrapped.output == direct.output)
    }

    @Test("Ignored and blocked signals stay as the parent left them")
    func dispositions() throws {
        let script = "trap '' HUP USR1 CHLD; exec \"$@\""
        let probe = ["grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status"]
        let direct = try Binary()(["-c", script, "sh"] + probe, executable: "/bin/sh")
        let wrapped = try Binary()(["-c", script, "sh", Binary.path, "run", "--"] + probe, executable: "/bin/sh")
        #expect(try Self.signals(wrapped.output) == Self.signals(direct.output))
        #expect(try Self.signals(direct.output).count == 3)
    }

    /// The sets of a status file by name, without 32 and 33: the C library keeps those two for itself, and whoever
    /// starts a process with `posix_spawn` leaves them ignored.
    private static func signals(_ status: String) throws -> [Substring: UInt64] {
        var sets: [Substring: UInt64] = [:]
        for line in status.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            sets[fields[0]] = try #require(UInt64(fields[1], radix: 16)) & ~(0b11 << 31)
        }
        return sets
    }

    @Test("A command with very many arguments starts at once, and gets them all")
    func manyArguments() throws {
        let result = try Binary().run(["sh", "-c", "echo $#", "sh"] + (0..<20_000).map(String.init))
        #expect(result.output == "20000\n")
        #expect(result.seconds < 10)
    }

    @Test("Process group, session and working directory are ours")
    func group() throws {
        let script = "cut -d' ' -f5,6 /proc/$$/stat; cut -d' ' -f5,6 /proc/$PPID/stat; pwd -P"
        let lines = try Binary().run(["sh", "-c", script]).output.split(separator: "\n")
        #expect(lines.count == 3 && lines[0] == lines[1])
    }

    @Test("A daemon the command leaves behind is not waited for")
    func daemon() throws {
        let result = try Binary().run(["sh", "-c", "sleep 60 & echo $!"])
        #expect(result.status == 0)
        #expect(result.seconds < 10)
        let daemon = try #require(pid_t(result.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(daemon, SIGKILL) == 0)
    }

    @Test("A terminal is still a terminal")
    func terminal() throws {
        let script = "/usr/bin/script"
        try #require(FileManager.default.isExecutableFile(atPath: script), "util-linux's script is not installed")
        let result = try Binary()(
            [
                "-qec", "\(Binary.path) run -- sh -c 'test -t 0 && test -t 1 && test -t 2 && echo terminal; exit 4'",
                "/dev/null",
            ],
            executable: script)
        #expect(result.output.contains("terminal"))
        #expect(result.status == 4)
    }

    @Test("Switched off, it becomes the command")
    func disabled() throws {
        var binary = try Binary()
        binary.environment["INFRAMIND_DISABLE"] = "1"
        let result = try binary.run(["sh", "-c", "echo $INFRAMIND_RUN_ID; exit 5"])
        #expect(result.status == 5 && result.output == "\n")
        #expect(binary.spooled.isEmpty)
        #expect(try binary.run(["no-such-command-here"]).status == 127)
        let filled = try binary.run(["echo", "-j{jobs}", "${jobs}"], options: ["--jobs", "3"]).output
        #expect(filled == "-j3 ${jobs}\n")
        #expect(try binary.run(["echo", "{jobs}"]).output.contains(/^[1-9][0-9]*\n$/))
    }

    @Test("However few descriptors there are, the command runs", arguments: Array(4...16) + [24, 27, 28, 32])
    func fewDescriptors(limit: Int) throws {
        let script = "ulimit -n \(limit); exec \"$@\""
        let result = try Binary()(
            ["-c", script, "sh", Binary.path, "run", "--", "sh", "-c", "exit 3"], executable: "/bin/sh")
        #expect(result.status == 3 && result.diagnostics.isEmpty)
    }

    @Test("A limit on the size of files ends the command, if it writes, and never the wrapper")
    func fileSize() throws {
        let script = "ulimit -f 0; exec \"$@\""
        func status(_ command: String) throws -> Int32 {
            try Binary()(["-c", script, "sh", Binary.path, "run", "--", "sh", "-c", command], executable: "/bin/sh")
                .status
        }
        #expect(try status("exit 3") == 3)
        #expect(try status("exec head -c 10 /dev/zero > file") == 128 + SIGXFSZ)
    }
}
