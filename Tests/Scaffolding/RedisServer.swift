import Foundation
import Glibc
import Synchronization

/// A Redis server of the test process's own, on 127.0.0.1; it ends with the process, also when that is killed.
public final class RedisServer: Sendable {
    public let port: Int
    public var url: String { "redis://127.0.0.1:\(port)" }

    private struct Life {
        /// When this closes, the server is killed.
        var input: FileHandle
        var processID: pid_t
    }

    private let life: Mutex<Life?>
    private let arguments: [String]
    private let folder: TemporaryFolder?

    /// Why tests that need Redis do not run here; `nil` when they do. On a build server they always run, and fail where
    /// it is missing.
    public static let reasonToSkip: String? = {
        let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server")
        let isBuildServer = ProcessInfo.processInfo.environment["CI"] != nil
        return isInstalled || isBuildServer ? nil : "Redis is not installed; run scripts/setup."
    }()

    private static let started = Mutex<Result<RedisServer, any Error>?>(nil)

    /// The one server that tests share; each uses keys with a prefix of its own.
    public static func shared() throws -> RedisServer {
        try started.withLock { started in
            if let started { return try started.get() }
            let result = Result { try RedisServer() }
            started = result
            return try result.get()
        }
    }

    /// - Parameters:
    ///   - isDurable: has every write on disk before it answers. Otherwise nothing is kept when it ends.
    ///   - arguments: more of redis-server's, such as `--requirepass`, `secret`.
    public init(isDurable: Bool = false, _ arguments: String...) throws {
        let folder = isDurable ? try TemporaryFolder() : nil
        let durability = folder.map { ["--appendonly", "yes", "--appendfsync", "always", "--dir", $0.path] } ?? []
        let arguments = ["--save", ""] + durability + arguments
        self.folder = folder
        self.arguments = arguments
        for attempt in 1... {
            let port = Int(try LoopbackSocket.freePort())
            do {
                life = Mutex(try Self.launch(port, arguments))
                self.port = port
                return
            } catch {
                // Another process may have taken the port in between.
                guard attempt < 5 else { throw error }
            }
        }
        throw NotStarted()
    }

    /// Ends the server without warning, as a crash does.
    public func kill() {
        life.withLock { life in
            guard let processID = life?.processID else { return }
            Glibc.kill(processID, SIGKILL)
            try? life?.input.close()
            life = nil
        }
        // Until the kernel has closed its port, a new server could not have it.
        while Self.isListening(port) { usleep(1000) }
    }

    /// Starts the server that was killed again, on the same port.
    public func restart() throws {
        try life.withLock { $0 = try Self.launch(port, arguments) }
    }

    /// The server hangs: connections stay, nothing is answered.
    public func freeze() { signal(SIGSTOP) }
    public func thaw() { signal(SIGCONT) }

    public struct NotStarted: Error, CustomStringConvertible {
        public var description: String { "redis-server did not start; is Debian's redis-server installed?" }
    }

    private func signal(_ number: Int32) {
        life.withLock { life in
            if let processID = life?.processID { Glibc.kill(processID, number) }
        }
    }

    /// The shell says which process it started, and kills that when its standard input ends.
    private static let script = """
        redis-server --bind 127.0.0.1 --port "$@" >/dev/null 2>&1 & echo $!
        exec >/dev/null; cat; kill -9 $! 2>/dev/null
        """

    private static func launch(_ port: Int, _ arguments: [String]) throws -> Life {
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, "sh", "\(port)"] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let processID = pid_t(line.split(separator: "\n").first ?? "") else { throw NotStarted() }
        let deadline = ContinuousClock.now + .seconds(20)
        while !isListening(port) {
            guard Glibc.kill(processID, 0) == 0, .now < deadline else { throw NotStarted() }
            usleep(2000)
        }
        return Life(input: input.fileHandleForWriting, processID: processID)
    }

    private static func isListening(_ port: Int) -> Bool {
        (try? LoopbackSocket(connectingTo: UInt16(port))) != nil
    }
}
