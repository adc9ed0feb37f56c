import Telemetry

/// What collectors are told beyond where the kernel's files are.
struct CollectorSettings: Hashable, Sendable {
    /// Processes that are summed up by name; none unless configured.
    var processGroups: [ProcessGroup] = []
    /// Cgroups to show besides those found, as paths below the hierarchy's top: `/ci.slice/runners.slice`.
    var cgroups: [String] = []
    var caches = CompilerCaches()

    /// Processes with certain commands and everything they started.
    struct ProcessGroup: Hashable, Sendable {
        /// The value of the label `group`.
        var name: String
        /// Commands as `/proc/PID/comm` has them, at most 15 bytes; one that ends in `*` stands for all that begin so.
        var commands: [String]
    }

    /// Where compiler caches are.
    struct CompilerCaches: Hashable, Sendable {
        /// Cache directories of ccache.
        var ccacheDirectories: [String] = []
        /// Ports of sccache servers on the loopback.
        var sccachePorts: [UInt16] = []
        /// Directories given to Bazel's `--disk_cache`.
        var bazelDiskCaches: [String] = []
        /// `command.log` files in Bazel's output bases.
        var bazelCommandLogs: [String] = []
        /// Gradle homes, such as `~/.gradle`.
        var gradleHomes: [String] = []

        /// Most of each kind that are read.
        static let limit = 16

        /// What builds of the user with this environment would use, as far as it is there.
        static func found(environment: [String: String]) -> CompilerCaches {
            var caches = CompilerCaches()
            caches.ccacheDirectories = CCacheStatistics.directory(environment: environment).map { [$0] } ?? []
            // Whether one listens there is seen by asking; a refused connection costs next to nothing.
            let port = environment["SCCACHE_SERVER_PORT"].flatMap { UInt16($0) } ?? SCCacheServer.defaultPort
            caches.sccachePorts = [port]
            if let home = environment["GRADLE_USER_HOME"] ?? environment["HOME"].map({ $0 + "/.gradle" }),
                FolderNames.isFolder(home + "/caches/build-cache-1")
            {
                caches.gradleHomes = [home]
            }
            return caches
        }
    }
}
