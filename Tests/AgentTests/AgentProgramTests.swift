import Foundation
import Testing

@testable import Agent

/// The real program, where the build made it beside the tests.
@Suite struct AgentProgramTests {
    static let program: URL? = {
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let arguments = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        for folder in [folder, arguments].compactMap(\.self) {
            for name in ["inframind-agent", "Agent"] {
                let program = folder.appendingPathComponent(name)
                if FileManager.default.isExecutableFile(atPath: program.path) { return program }
            }
        }
        return nil
    }()

    private func start(_ arguments: [String]) throws -> (Process, output: Pipe) {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return (process, output)
    }

    @Test(
        "It tells its address, serves the node, and ends within a second of SIGTERM",
        .enabled(if: program != nil, "the program has not been built"))
    func serves() throws {
        let (process, output) = try start(["--listen", "127.0.0.1:0"])
        defer { process.terminate() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let text = try #require(line.split(separator: "/").dropFirst().first.map(String.init))
        let client = try Client(try #require(ListenAddress(text)))
        client.send("GET /metrics HTTP/1.1\r\n\r\n")
        let page = try #require(client.nextAnswer())
        #expect(page.contains("inframind_node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} "))
        #expect(page.contains("inframind_agent_collector_success{collector=\"memory\"} 1\n"))
        let silent = try Client(try #require(ListenAddress(text)))
        let before = Date()
        process.terminate()
        process.waitUntilExit()
        #expect(Date().timeIntervalSince(before) < 1)
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        #expect(silent.answer() == "")
    }

    @Test(
        "Help, version and nonsense have their exit codes",
        .enabled(if: program != nil, "the program has not been built"),
        arguments: [
            (["--help"], 0, "Usage: inframind-agent"), (["--version"], 0, "inframind-agent 0.1.0\n"),
            (["--nonsense"], 2, "unknown option '--nonsense'"),
        ] as [([String], Int32, String)])
    func exitCodes(arguments: [String], code: Int32, expected: String) throws {
        let (process, output) = try start(arguments)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == code)
        #expect(text.contains(expected))
    }
}
