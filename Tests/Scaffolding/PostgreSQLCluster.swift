import Foundation
import Synchronization

/// A PostgreSQL cluster of the test process's own, started when it is first asked for; it ends with the process.
public final class PostgreSQLCluster: Sendable {
    /// A database of the cluster, as libpq reads it.
    public let url: String
    /// Where the cluster lives.
    public let folder: String
    /// When this closes, the cluster stops and is removed: also when the test process is killed.
    private let life: FileHandle

    /// Why tests that need PostgreSQL do not run here; `nil` when they do. On a build server they always run, and fail
    /// where it is missing.
    public static let reasonToSkip: String? = {
        let isInstalled = FileManager.default.fileExists(atPath: "/usr/lib/postgresql")
        let isBuildServer = ProcessInfo.processInfo.environment["CI"] != nil
        return isInstalled || isBuildServer ? nil : "PostgreSQL is not installed; run scripts/setup."
    }()

    private static let started = Mutex<Result<PostgreSQLCluster, any Error>?>(nil)

    /// The one cluster that tests share. It does not wait for the disk.
    public static func shared() throws -> PostgreSQLCluster {
        try started.withLock { started in
            if let started { return try started.get() }
            let result = Result { try PostgreSQLCluster() }
            started = result
            return try result.get()
        }
    }

    /// - Parameters:
    ///   - isDurable: waits for the disk at every commit, as a real installation does.
    ///   - base: the folder to put the cluster's own into; that for temporary files where it is `nil`.
    public init(isDurable: Bool = false, in base: String? = nil) throws {
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = try Self.script()
        if let base { process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": base]) { $1 } }
        process.arguments = isDurable ? ["--durable"] : []
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        life = input.fileHandleForWriting
        var told = Data()
        while told.count(where: { $0 == UInt8(ascii: "\n") }) < 2 {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else {
                // Its own words went to the error output; how it ended tells what has none, such as a signal.
                process.waitUntilExit()
                let way = process.terminationReason == .exit ? "ended with" : "was killed by signal"
                throw NotStarted(reason: "the script \(way) \(process.terminationStatus)")
            }
            told.append(piece)
        }
        let lines = String(decoding: told, as: UTF8.self).split(separator: "\n")
        url = String(lines[0])
        folder = String(lines[1])
    }

    public func stop() { try? life.close() }

    /// This file is also part of packages further down, through links: the repository is looked for upwards.
    private static func script() throws -> URL {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let script = folder.appending(path: "scripts/throwaway-postgresql")
            if FileManager.default.isExecutableFile(atPath: script.path) { return script }
            folder = folder.deletingLastPathComponent()
        }
        throw NotStarted(reason: "there is no scripts/throwaway-postgresql above \(#filePath)")
    }

    public struct NotStarted: Error, CustomStringConvertible {
        public var reason: String

        public var description: String { "PostgreSQL did not start: \(reason)." }
    }
}
