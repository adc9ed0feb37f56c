import Client
import Foundation
import Testing

/// A real `inframind-server` on a free loopback port, with a data folder of its own.
final class RunningServer {
    let endpoint: ServerEndpoint
    private let process: Process
    private let output: Pipe

    /// Starts the server and returns once it has printed its address.
    ///
    /// - Parameter port: 0 takes a free one.
    init(data: URL, port: UInt16 = 0, arguments: [String] = []) throws {
        process = Process()
        process.executableURL = Binaries.server
        process.arguments = ["--port", "\(port)", "--data", data.path] + arguments
        process.environment = Binaries.environment
        output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        // One byte at a time: what follows the line stays in the pipe.
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 0x0A { line += byte }
        let text = String(decoding: line, as: UTF8.self)
        guard let start = text.range(of: "http") else { throw Unstarted(output: text) }
        endpoint = try ServerEndpoint(url: String(text[start.lowerBound...]), token: nil)
    }

    struct Unstarted: Error { var output: String }

    var processID: Int32 { process.processIdentifier }

    /// Ends the server as a crash or the OOM killer would.
    func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Asks the server to finish; returns its exit status.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit {
        if process.isRunning { kill() }
    }
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
