import Glibc
import Synchronization
import Telemetry

/// Bazel's disk caches by their size, and its builds by what became of their actions.
final class BazelCollector: Collector {
    let name = "bazel"
    private let clock: MetricsClock
    private let sizes: BackgroundReading<[DirectorySize]>?
    private let logs: BackgroundReading<[Log]>?
    private let unreadable: CollectorFailure

    private struct Log: Sendable {
        var log: BazelCommandLog
        var isReadable: Bool
    }

    private static let periodSeconds = 5.0
    private static let notConfigured = CollectorFailure(
        reason: "no cache or log of Bazel is known",
        remedy: "name disk caches (bazel build --disk_cache) and command logs (bazel info command_log) "
            + "in the configuration")

    init(_ sources: CollectorSources) {
        clock = sources.clock
        let limit = CollectorSettings.CompilerCaches.limit
        let directories = sources.settings.caches.bazelDiskCaches.prefix(limit)
        let paths = sources.settings.caches.bazelCommandLogs.prefix(limit)
        unreadable = CollectorFailure(
            reason: "nothing of Bazel can be read in \((directories + paths).joined(separator: ", "))",
            remedy: "let the agent's user read it")
        sizes = DirectorySize.reading(directories.map { (name: $0, path: $0) }, on: sources.background)
        let state = Mutex(paths.map { Log(log: BazelCommandLog(path: $0), isReadable: false) })
        let now = sources.clock.secondsSince1970
        logs =
            paths.isEmpty
            ? nil
            : BackgroundReading(everySeconds: Self.periodSeconds, on: sources.background) {
                state.withLock { logs in
                    for index in logs.indices {
                        logs[index].isReadable = (try? logs[index].log.read(secondsSince1970: now())) != nil
                    }
                    return logs
                }
            }.start()
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        if sizes == nil && logs == nil { throw Self.notConfigured }
        let now = clock.monotonicNanoseconds()
        self.logs?.ask(at: now)
        let sizes = try self.sizes?.latestOrFailure(at: now) ?? []
        let logs = try self.logs?.latestOrFailure(at: now) ?? []
        guard sizes.contains(where: { $0.walk != nil }) || logs.contains(where: \.isReadable) else { throw unreadable }
        page.gauge("inframind_bazel_disk_cache_size_bytes", help: "Size of the files in the disk cache.")
        sizes.write("directory", to: page) { $0.sizeBytes }
        page.gauge("inframind_bazel_disk_cache_files", help: "Files in the disk cache.")
        sizes.write("directory", to: page) { $0.files }
        page.gauge(
            "inframind_bazel_disk_cache_complete",
            help: "Whether all of the disk cache was seen, 1 or 0; if not, there is more than shown.")
        sizes.write("directory", to: page) { $0.isComplete ? 1 : 0 }
        page.counter("inframind_bazel_builds_total", help: "Builds seen in the command log.")
        for log in logs { page.sample(log.log.builds) { $0.add("log", log.log.path) } }
        page.counter("inframind_bazel_actions_total", help: "What became of the actions of those builds.")
        for log in logs {
            let processes = log.log.processes
            Self.write("action_cache_hit", processes.actionCacheHits, log.log.path, page)
            Self.write("disk_cache_hit", processes.diskCacheHits, log.log.path, page)
            Self.write("remote_cache_hit", processes.remoteCacheHits, log.log.path, page)
            Self.write("internal", processes.internalActions, log.log.path, page)
            Self.write("executed", processes.executed, log.log.path, page)
        }
        page.gauge("inframind_bazel_log_readable", help: "Whether the command log could be read, 1 or 0.")
        for log in logs { page.sample(log.isReadable ? 1 : 0) { $0.add("log", log.log.path) } }
    }

    private static func write(_ result: StaticString, _ count: Int64, _ path: String, _ page: MetricsWriter) {
        page.sample(count) {
            $0.add("log", path)
            $0.add("result", result)
        }
    }
}
