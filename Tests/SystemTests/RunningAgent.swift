import Foundation
import Scaffolding

/// A real `inframind-agent` on a free loopback port.
final class RunningAgent {
    /// `127.0.0.1:PORT`.
    let address: String
    private let process: Process
    private let output: Pipe

    struct Unstarted: Error { var output: String }

    /// Starts the agent and returns once it has printed its address.
    init(_ arguments: [String]) throws {
        process = Process()
        process.executableURL = Binaries.agent
        process.arguments = arguments
        process.environment = Binaries.environment
        output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A { line += byte }
        let text = String(decoding: line, as: UTF8.self)
        guard let found = text.firstMatch(of: /http:\/\/([0-9.:]+)\//)?.1 else { throw Unstarted(output: text) }
        address = String(found)
    }

    /// The page as a scraper without wishes gets it.
    func page() throws -> String { try HTTPText.get("http://\(address)/metrics") }

    /// The sum of the samples that begin so.
    func sum(_ start: String) throws -> Double {
        try page().split(separator: "\n").filter { $0.hasPrefix(start) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
    }

    /// Ends it as a crash would.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Asks it to end; returns its exit status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit { if process.isRunning { kill() } }
}

/// HTTP as curl speaks it.
enum HTTPText {
    struct Failed: Error { var output: String }

    static func get(_ url: String, fields: [String] = []) throws -> String {
        let (status, output) = try Binaries.run(
            URL(filePath: "/usr/bin/curl"), ["-sS", "--max-time", "20"] + fields.flatMap { ["-H", $0] } + [url])
        guard status == 0 else { throw Failed(output: output) }
        return output
    }
}
