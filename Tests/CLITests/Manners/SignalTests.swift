import Foundation
import Scaffolding
import Testing

@testable import CLI

@Suite struct SignalTests {
    /// Starts a command, waits until it says "ready", does `act` to the wrapper, and waits for the end.
    private func run(_ script: String, _ act: (pid_t) throws -> Void) throws -> (status: Int32, output: String) {
        let binary = try Binary()
        let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/null"))
        let output = Pipe()
        let process = try binary.start(
            ["run", "--", "sh", "-c", script], input: input.fileDescriptor,
            output: output.fileHandleForWriting.fileDescriptor)
        try output.fileHandleForWriting.close()
        var text = Self.read(output, until: "ready\n")
        try act(process.id)
        text += Self.read(output, until: nil)
        return (process.wait(), text)
    }

    /// What comes through `pipe` until `words` came, or all of it.
    private static func read(_ pipe: Pipe, until words: String?) -> String {
        var text = ""
        while words.map({ !text.contains($0) }) ?? true {
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        return text
    }

    /// Waits without end, and gives its signal handlers a chance to run.
    private let waiting = "echo ready; while :; do sleep 0.02; done"

    @Test(
        "A signal sent to the wrapper reaches the command",
        arguments: ["INT", "TERM", "HUP", "USR1", "USR2", "QUIT", "WINCH"])
    func forwarded(name: String) throws {
        let numbers = [
            "INT": SIGINT, "TERM": SIGTERM, "HUP": SIGHUP, "USR1": SIGUSR1, "USR2": SIGUSR2, "QUIT": SIGQUIT,
            "WINCH": SIGWINCH,
        ]
        let number = try #require(numbers[name])
        let result = try run("trap 'echo got \(name); exit 9' \(name); \(waiting)") { kill($0, number) }
        #expect(result.output == "ready\ngot \(name)\n")
        #expect(result.status == 9)
    }

    @Test("A command without a handler ends by the signal, and so it is reported")
    func unhandled() throws {
        #expect(try run("echo ready; exec sleep 60") { kill($0, SIGTERM) }.status == 128 + SIGTERM)
    }

    @Test("A signal the command sends to its whole group is not handed back to it")
    func fromBelow() throws {
        let script = """
            count=0; trap 'count=$((count+1))' USR1; kill -USR1 $PPID; echo ready; sleep 0.3; exit $count
            """
        #expect(try run(script) { _ in }.status == 0)
    }

    @Test("If we crash, the command goes on and its status is still ours", arguments: [SIGSEGV, SIGILL, SIGABRT])
    func crash(number: Int32) throws {
        let result = try run("echo ready; read line; sleep 0.2; echo done; exit 6") { kill($0, number) }
        #expect(result.output == "ready\ndone\n")
        #expect(result.status == 6)
    }

    @Test("When the command has ended, whoever wants the wrapper gone has it gone, with the command's status")
    func afterTheEnd() throws {
        let server = try LoopbackServer { _ in .silence }
        defer { server.stop() }
        let binary = try Binary(server: server.url)
        let null = try FileHandle(forUpdating: URL(fileURLWithPath: "/dev/null"))
        let output = Pipe()
        let begun = ContinuousClock.now
        let process = try binary.start(
            ["run", "--no-optimize", "--report-timeout-ms", "60000", "--", "sh", "-c", "echo $$; exit 6"],
            input: null.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor)
        try output.fileHandleForWriting.close()
        let command = try #require(
            pid_t(Self.read(output, until: "\n").trimmingCharacters(in: .whitespacesAndNewlines)))
        // Reaped: then the wrapper knows how it ended, and only the report is left to wait for.
        while kill(command, 0) == 0 && begun.duration(to: .now) < .seconds(20) { sched_yield() }
        // What comes in the moment between is taken as meant for the command; a person would ask again as well.
        let ender = Thread {
            while kill(process.id, SIGTERM) == 0 && begun.duration(to: .now) < .seconds(20) { sched_yield() }
        }
        ender.start()
        #expect(process.wait() == 6)
        #expect(begun.duration(to: .now) < .seconds(30))
    }

    @Test("Ctrl-C at the terminal reaches the command once, and the wrapper lives to tell its status")
    func interrupt() throws {
        let script = "/usr/bin/script"
        try #require(FileManager.default.isExecutableFile(atPath: script), "util-linux's script is not installed")
        let command = "trap \"echo got; exit 9\" INT; echo ready; while :; do sleep 0.02; done"
        let binary = try Binary()
        let input = Pipe()
        let output = Pipe()
        let process = try binary.start(
            ["-qec", "exec \(Binary.path) run -- sh -c '\(command)'", "/dev/null"], executable: script,
            input: input.fileHandleForReading.fileDescriptor, output: output.fileHandleForWriting.fileDescriptor)
        try output.fileHandleForWriting.close()
        var text = Self.read(output, until: "ready")
        try input.fileHandleForWriting.write(contentsOf: [3])
        text += Self.read(output, until: nil)
        #expect(process.wait() == 9)
        #expect(text.components(separatedBy: "got").count == 2)
    }
}
