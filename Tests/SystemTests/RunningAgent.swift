import Foundation
import Scaffolding

/// A real `inframind-agent` on a free loopback port.
final class RunningAgent {
    /// `127.0.0.1:PORT`.
    let address: String
    private let program: RunningProgram

    /// Starts the agent and returns once it has printed its address.
    init(_ arguments: [String]) throws {
        program = try RunningProgram(Binaries.agent, arguments)
        guard let found = program.firstLine.firstMatch(of: /http:\/\/([0-9.:]+)\//)?.1 else {
            throw RunningProgram.Unstarted(output: program.firstLine)
        }
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
    func kill() { program.kill() }

    /// Asks it to end; returns its exit status.
    func stop() -> Int32 { program.stop() }
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
