import Glibc
import Telemetry

/// The sccache that a build uses, asked through its own client, which knows every version of its server: that keeps its counters in memory, and only its own client can ask for them.
///
/// Asked only where the environment says that sccache is in use, and only when a server listens: the client would start
/// one otherwise, which is the build's business.
struct SCCacheProgram: Sendable {
    private let program: String
    private let port: UInt16

    /// Where the server listens unless `SCCACHE_SERVER_PORT` says otherwise.
    private static let usualPort: UInt16 = 4226
    /// Variables that put a launcher before a compiler.
    private static let launchers = [
        "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", "CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER", "CC",
        "CXX",
    ]
    /// The client answers in some 10 ms; a server that hangs must not hold up the build.
    private static let patienceMs: Int32 = 200
    private static let mostBytes = 1 << 20

    /// - Returns: `nil` when nothing says that the build uses sccache, or its client is not in PATH.
    init?(environment: [String: String]) {
        let isUsed =
            Self.launchers.contains { environment[$0]?.contains("sccache") == true }
            || environment.keys.contains { $0.hasPrefix("SCCACHE_") }
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard isUsed, let folder = folders.first(where: { access("\($0)/sccache", X_OK) == 0 }) else { return nil }
        program = "\(folder)/sccache"
        port = environment["SCCACHE_SERVER_PORT"].flatMap(UInt16.init) ?? Self.usualPort
    }

    /// What the server has counted since it began; `nil` when none listens or it does not answer in time.
    func counts() -> CompilerCacheCounts? {
        guard isListening, let text = showStats() else { return nil }
        return SCCacheStatistics(showStatsJSON: text)?.counts
    }

    private var isListening: Bool {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { return false }
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // On loopback a connection is made or refused at once.
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func showStats() -> String? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var process: pid_t = 0
        let words = [program, "--show-stats", "--stats-format=json"].map { Array($0.utf8) }
        let code = withCStrings(words) { argv in posix_spawn(&process, program, &actions, nil, argv, environ) }
        close(ends[1])
        guard code == 0 else { return nil }
        let output = read(ends[0])
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0 && errno == EINTR {}
        return output.map { String(decoding: $0, as: UTF8.self) }
    }

    /// All of it; `nil` when it does not end in time.
    private func read(_ descriptor: Int32) -> [UInt8]? {
        let deadline = ContinuousClock.now + .milliseconds(Int64(Self.patienceMs))
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= Self.mostBytes {
            let left = ContinuousClock.now.duration(to: deadline)
            let milliseconds = Int32(
                clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000)
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard milliseconds > 0, poll(&watched, 1, milliseconds) > 0 else { return nil }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
        return nil
    }
}
