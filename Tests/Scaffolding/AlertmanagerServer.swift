import Foundation
import Glibc

/// An Alertmanager of the test process's own, on 127.0.0.1; it ends with the process, also when that is killed.
public final class AlertmanagerServer: Sendable {
    public let port: UInt16
    public var url: String { "http://127.0.0.1:\(port)" }

    private let folder: TemporaryFolder
    /// When this closes, the server is killed.
    private let input: FileHandle

    private static let program = "/usr/bin/prometheus-alertmanager"

    /// Why tests that need Alertmanager do not run here; `nil` when they do. On a build server they always run, and fail
    /// where it is missing.
    public static let reasonToSkip: String? = {
        let isInstalled = FileManager.default.isExecutableFile(atPath: program)
        let isBuildServer = ProcessInfo.processInfo.environment["CI"] != nil
        return isInstalled || isBuildServer ? nil : "Alertmanager is not installed; run scripts/setup."
    }()

    /// The shell kills it when its own standard input ends.
    private static let script = """
        "$0" "$@" >/dev/null 2>&1 &
        cat; kill -9 $! 2>/dev/null
        """

    public init() async throws {
        folder = try TemporaryFolder()
        try folder.write("route:\n  receiver: nobody\nreceivers:\n- name: nobody\n", to: "alertmanager.yml")
        port = try LoopbackSocket.freePort()
        let pipe = Pipe()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", Self.script, Self.program, "--config.file=\(folder.path)/alertmanager.yml",
            "--storage.path=\(folder.path)/data", "--web.listen-address=127.0.0.1:\(port)",
            "--cluster.listen-address=",
        ]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        input = pipe.fileHandleForWriting
        guard try await happens({ isReady() }) else { throw NotStarted() }
    }

    deinit { try? input.close() }

    /// What it answers to a `GET`: the head and the body.
    public func get(_ path: String) throws -> String {
        let socket = try LoopbackSocket(connectingTo: port)
        try socket.send(Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8))
        var answer: [UInt8] = []
        while let bytes = try? socket.receive() { answer += bytes }
        return String(decoding: answer, as: UTF8.self)
    }

    private func isReady() -> Bool { (try? get("/-/ready"))?.contains(" 200 ") ?? false }

    public struct NotStarted: Error, CustomStringConvertible {
        public var description: String { "Alertmanager did not start; is Debian's prometheus-alertmanager installed?" }
    }
}
