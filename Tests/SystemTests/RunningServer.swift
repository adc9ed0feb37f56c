import Client
import Foundation
import Testing

/// A real `inframind-server` on a free loopback port, with a data folder of its own.
final class RunningServer {
    let endpoint: ServerEndpoint
    private let program: RunningProgram

    /// Starts the server and returns once it has printed its address.
    ///
    /// - Parameter port: 0 takes a free one.
    init(data: URL, port: UInt16 = 0, arguments: [String] = []) throws {
        program = try RunningProgram(
            Binaries.server, ["--port", "\(port)", "--data", data.path] + arguments)
        guard let start = program.firstLine.range(of: "http") else {
            throw RunningProgram.Unstarted(output: program.firstLine)
        }
        endpoint = try ServerEndpoint(url: String(program.firstLine[start.lowerBound...]), token: nil)
    }

    var processID: Int32 { program.processID }

    /// Ends the server as a crash or the OOM killer would.
    func kill() { program.kill() }

    /// Asks the server to finish; returns its exit status.
    func stop() -> Int32 { program.stop() }
}

/// The programs under test, as built beside the tests.
enum Binaries {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["INFRAMIND_BIN_DIR"] { return URL(fileURLWithPath: path) }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent(".build/debug")
    }()
    static let server = folder.appendingPathComponent("inframind-server")
    static let agent = folder.appendingPathComponent("inframind-agent")
    static let cli = folder.appendingPathComponent("inframind")

    /// The environment of the tests without what a CI system or a user sets for InfraMind.
    static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("IM_") && name != "MAKEFLAGS"
                && (!name.hasPrefix("INFRAMIND_") || name == "INFRAMIND_LIGHTGBM")
        }
    }

    /// Runs a program to its end and returns what it printed.
    static func run(
        _ program: URL, _ arguments: [String], environment extra: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment.merging(extra) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// A folder that is gone afterwards, whether the body passes or throws.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("inframind-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
