import Foundation
import Scaffolding
import Synchronization

/// A real `inframind-server` on a port of its own, which it keeps over restarts.
public final class ServerProcess {
    public let port: UInt16
    private let program: URL
    private let arguments: [String]
    private let environment: [String: String]
    private let log: URL
    private var process: Process?
    /// Bytes; of the processes that ended.
    private var peakOfEnded = 0

    public struct Unstarted: Error, CustomStringConvertible {
        public var description: String
    }

    /// Starts it, and returns once it listens.
    ///
    /// - Parameters:
    ///   - log: what it says is added here.
    ///   - extra: variables of the environment.
    /// - Throws: ``Unstarted`` with its last words.
    public init(program: URL, arguments: [String], log: URL, environment extra: [String: String] = [:]) throws {
        port = try LoopbackSocket.freePort()
        self.program = program
        self.arguments = ["--port", "\(port)"] + arguments
        self.log = log
        // What a CI system or a user sets for InfraMind is not for this server.
        environment = ProcessInfo.processInfo.environment
            .filter { name, _ in
                !name.hasPrefix("IM_") && (!name.hasPrefix("INFRAMIND_") || name == "INFRAMIND_LIGHTGBM")
            }
            .merging(extra) { $1 }.merging(["INFRAMIND_PORT": "\(port)"]) { $1 }
        try start()
    }

    deinit { kill() }

    public func start() throws {
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let words = try FileHandle(forWritingTo: log)
        try words.seekToEnd()
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = words
        try process.run()
        self.process = process
        // Its first line says that it listens; the end of its output, that it will not.
        var line: [UInt8] = []
        while !line.contains(UInt8(ascii: "\n")) {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Unstarted(description: lastWords) }
            line += piece
        }
    }

    public var processID: Int32 { process?.processIdentifier ?? 0 }

    /// Ends it as a crash or the OOM killer would.
    public func kill() {
        guard let process else { return }
        notePeak()
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        self.process = nil
    }

    /// Asks it to finish.
    ///
    /// - Returns: its exit status, 9 when it had to be killed after 30 s.
    @discardableResult
    public func stop() -> Int32 {
        guard let process else { return 0 }
        notePeak()
        process.terminate()
        guard poll(upToSeconds: 30, { !process.isRunning }) else {
            kill()
            return SIGKILL
        }
        self.process = nil
        return process.terminationStatus
    }

    public var isRunning: Bool { process?.isRunning == true }

    /// Bytes, the most any of its processes held at once.
    public var peakResidentBytes: Int { max(peakOfEnded, statusBytes("VmHWM")) }

    /// Bytes, now.
    public var residentBytes: Int { statusBytes("VmRSS") }

    public var lastWords: String {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map(String.init) ?? "inframind-server said nothing"
    }

    /// - Returns: whether `/readyz` says 200 before the time is over.
    public func isReady(withinSeconds limit: Double) -> Bool {
        poll(upToSeconds: limit) {
            (try? HTTPConnection(port: port, timeoutSeconds: 2).ask("GET", "/readyz"))?.status == 200
        }
    }

    private func notePeak() { peakOfEnded = peakResidentBytes }

    private func statusBytes(_ name: String) -> Int {
        guard let process, process.isRunning,
            let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("\(name):") })
        else { return 0 }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
}
