import Glibc
import Telemetry

/// A shell command run by a test, with a pipe to its standard input: it goes on when ``release()`` closes it.
final class Command {
    private(set) var processID: pid_t = 0
    private var inputEnd: Int32 = -1
    private var outputEnd: Int32 = -1

    struct CannotSpawn: Error {
        let code: Int32
    }

    /// - Parameter around: what to do before and after spawning.
    init(_ script: String, meter: StepMeter? = nil, cgroup: StepCgroup? = nil) throws {
        var input: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &input) == 0, socketpair(AF_UNIX, kind, 0, &output) == 0 else {
            throw CannotSpawn(code: errno)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[0], 1)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            close(input[0])
            close(output[0])
        }
        inputEnd = input[1]
        outputEnd = output[1]
        var arguments: [UnsafeMutablePointer<CChar>?] = ["sh", "-c", script].map { (word: String) in strdup(word) }
        arguments.append(nil)
        defer { arguments.forEach { free($0) } }
        meter?.enter()
        cgroup?.enter()
        let code = posix_spawn(&processID, "/bin/sh", &actions, nil, &arguments, environ)
        cgroup?.leave()
        meter?.leave()
        guard code == 0 else { throw CannotSpawn(code: code) }
    }

    deinit {
        release()
        close(outputEnd)
    }

    /// Closes the command's standard input.
    func release() {
        if inputEnd >= 0 { close(inputEnd) }
        inputEnd = -1
    }

    /// The next bytes the command writes, waiting for them; empty at its end.
    func output() -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(outputEnd, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Waits for the command's end.
    func wait() -> (status: Int32, reaped: ReapedUsage) { Command.wait(processID) }

    static func wait(_ processID: pid_t) -> (status: Int32, reaped: ReapedUsage) {
        var status: Int32 = 0
        var usage = rusage()
        var reaped = ReapedUsage()
        while true {
            if wait4(processID, &status, 0, &usage) == processID {
                reaped.add(usage)
                return (status, reaped)
            }
            if errno != EINTR { return (-1, reaped) }
        }
    }
}
