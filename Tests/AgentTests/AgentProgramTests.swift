import Foundation
import Scaffolding
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

    @Test(
        "--healthcheck asks the agent that runs: 0 while it does, 1 once it is gone, 2 where none could be",
        .enabled(if: program != nil, "the program has not been built"), arguments: ["127.0.0.1", "", "[::1]"])
    func healthcheck(host: String) throws {
        let port = try LoopbackSocket.freePort()
        let arguments = ["--listen", "\(host):\(port)", "--collectors", "load"]
        func check(_ more: [String] = []) throws -> (Int32, String) {
            let (process, output) = try start(["--healthcheck"] + arguments + more)
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
        let (process, output) = try start(arguments)
        defer { process.terminate() }
        _ = try #require(line(with: "listens on", from: output))
        #expect(try check() == (0, ""))
        process.terminate()
        process.waitUntilExit()
        let gone = try check()
        #expect(gone.0 == 1 && gone.1.contains("does not answer at"), "\(gone.1)")
        #expect(try check(["--listen", "127.0.0.1:0"]).0 == 1)
        #expect(try check(["--listen", "nowhere"]).0 == 2)
    }

    /// Reads what the program says until a line has `text`; `nil` when it ends before.
    private func line(with text: String, from output: Pipe) -> String? {
        var heard = ""
        while true {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            heard += String(decoding: data, as: UTF8.self)
            if heard.contains(text) && heard.hasSuffix("\n") { return heard }
        }
    }

    private func address(in line: String) throws -> ListenAddress {
        let text = try #require(line.firstMatch(of: /https?:\/\/([^\/]+)\//)?.1)
        return try #require(ListenAddress(String(text)))
    }

    @Test(
        "SIGHUP takes in a new configuration, and refuses one that is no good",
        .enabled(if: program != nil, "the program has not been built"))
    func reloads() throws {
        let folder = try TemporaryFolder()
        func configure(_ text: String) throws {
            try folder.write("exporters:\n  prometheus:\n    listen: 127.0.0.1:0\n" + text, to: "agent.yaml")
        }
        try configure("collectors:\n  - load\n")
        let (process, output) = try start(["--config", folder.path + "/agent.yaml"])
        defer { process.terminate() }
        let address = try address(in: #require(line(with: "listens on", from: output)))
        let client = try Client(address)
        func page() throws -> String {
            client.send("GET /metrics HTTP/1.1\r\n\r\n")
            return try #require(client.nextAnswer())
        }
        #expect(try page().contains("\ninframind_node_load1 "))

        try configure("collectors:\n  - memory\nlabels:\n  zone: b\n")
        kill(process.processIdentifier, SIGHUP)
        _ = try #require(line(with: "configuration read again", from: output))
        let other = try page()
        #expect(other.contains("\ninframind_node_memory_total_bytes{zone=\"b\"} "), "on the connection that was there")
        #expect(!other.contains("inframind_node_load1"))

        try configure("collectors:\n  - memry\n")
        kill(process.processIdentifier, SIGHUP)
        let refusal = try #require(line(with: "the configuration is not changed", from: output))
        #expect(refusal.contains("agent.yaml:5:5: there is no collector 'memry'; did you mean 'memory'?"))
        #expect(try page().contains("\ninframind_node_memory_total_bytes{zone=\"b\"} "))
    }

    @Test(
        "A renewed certificate is taken in on SIGHUP, a broken one is not",
        .enabled(if: program != nil, "the program has not been built"))
    func renews() throws {
        let certificates = try TestCertificates()
        for name in ["server", "renewed", "other"] { try certificates.issue(name) }
        let file = certificates.path("agent.yaml")
        try """
        exporters:
          prometheus:
            listen: 127.0.0.1:0
            tls:
              certificate: \(certificates.certificate("server"))
              key: \(certificates.key("server"))
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let (process, output) = try start(["--config", file])
        defer { process.terminate() }
        let address = try address(in: #require(line(with: "listens on", from: output)))
        func subject() throws -> String {
            let shown = Process()
            shown.executableURL = URL(filePath: "/usr/bin/openssl")
            shown.arguments = ["s_client", "-connect", address.description, "-CAfile", certificates.authority]
            let pipe = Pipe()
            shown.standardInput = FileHandle.nullDevice
            shown.standardOutput = pipe
            shown.standardError = FileHandle.nullDevice
            try shown.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            shown.waitUntilExit()
            #expect(text.contains("Verify return code: 0 (ok)"))
            return text.firstMatch(of: /subject=CN ?= ?(.*)/).map { String($0.1) } ?? ""
        }
        #expect(try subject() == "server")
        try certificates.replace("server", with: "renewed")
        kill(process.processIdentifier, SIGHUP)
        _ = try #require(line(with: "configuration read again", from: output))
        #expect(try subject() == "renewed")
        try FileManager.default.removeItem(atPath: certificates.key("server"))
        kill(process.processIdentifier, SIGHUP)
        let refusal = try #require(line(with: "the configuration is not changed", from: output))
        #expect(refusal.contains("server.key cannot be read: No such file or directory"))
        #expect(try subject() == "renewed")
    }

    @Test(
        "JSON lines go to the standard output, and nothing else does",
        .enabled(if: program != nil, "the program has not been built"))
    func jsonLines() throws {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = ["--no-prometheus", "--json", "stdout", "--interval", "100ms", "--collectors", "load"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let text = try #require(line(with: "\"inframind_agent_scrapes_total\",\"value\":3", from: output))
        for line in text.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["name"] as? String != nil)
        }
    }

    @Test(
        "With hardly any descriptors it serves everyone one after the other, or says what it lacks",
        .enabled(if: program != nil, "the program has not been built"), arguments: [5, 6, 8, 24])
    func descriptors(limit: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", "ulimit -n \(limit); exec \"$0\" --listen 127.0.0.1:0 --collectors load",
            try #require(Self.program).path,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        defer { process.terminate() }
        guard let line = line(with: "listens on", from: output) else {
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 1)
            return
        }
        let address = try address(in: line)
        var clients: [Client] = []
        for _ in 0..<40 {
            let client = try Client(address)
            client.send("GET /healthz HTTP/1.1\r\n\r\n")
            #expect(client.nextAnswer()?.hasSuffix("ok\n") == true)
            clients.append(client)
        }
        #expect(clients.count == 40)
    }
}
