import Synchronization
import Telemetry

/// Gradle's build cache by its size, and its builds by what became of their tasks.
final class GradleCollector: Collector {
    let name = "gradle"
    private let clock: MetricsClock
    private let sizes: BackgroundReading<[DirectorySize]>?
    private let logs: BackgroundReading<[Logs]>?
    private let unreadable: CollectorFailure

    private struct Logs: Sendable {
        var logs: GradleDaemonLogs
        var isReadable: Bool
    }

    private static let periodSeconds = 15.0
    private static let notConfigured = CollectorFailure(
        reason: "no Gradle home is known",
        remedy: "name them in the configuration, or set GRADLE_USER_HOME or HOME for the agent")

    init(_ sources: CollectorSources) {
        clock = sources.clock
        let homes = Array(sources.settings.caches.gradleHomes.prefix(CollectorSettings.CompilerCaches.limit))
        unreadable = CollectorFailure(
            reason: "no build cache and no daemon's log can be read in \(homes.joined(separator: ", "))",
            remedy: "let the agent's user read them, and build with --build-cache")
        sizes = DirectorySize.reading(
            homes.map { (name: $0, path: $0 + "/caches/build-cache-1") }, on: sources.background,
            isCounted: Self.isEntry)
        let state = Mutex(homes.map { Logs(logs: GradleDaemonLogs(home: $0), isReadable: false) })
        logs =
            homes.isEmpty
            ? nil
            : BackgroundReading(everySeconds: Self.periodSeconds, on: sources.background) {
                state.withLock { logs in
                    for index in logs.indices { logs[index].isReadable = (try? logs[index].logs.readOn()) != nil }
                    return logs
                }
            }.start()
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        guard let sizes, let logs else { throw Self.notConfigured }
        let now = clock.monotonicNanoseconds()
        logs.ask(at: now)
        let caches = try sizes.latestOrFailure(at: now)
        let homes = try logs.latestOrFailure(at: now)
        guard caches.contains(where: { $0.walk != nil }) || homes.contains(where: \.isReadable) else {
            throw unreadable
        }
        page.gauge("inframind_gradle_build_cache_size_bytes", help: "Size of the entries in the build cache.")
        caches.write("home", to: page) { $0.sizeBytes }
        page.gauge("inframind_gradle_build_cache_entries", help: "Entries in the build cache.")
        caches.write("home", to: page) { $0.files }
        page.gauge(
            "inframind_gradle_build_cache_complete",
            help: "Whether all of the build cache was seen, 1 or 0; if not, there is more than shown.")
        caches.write("home", to: page) { $0.isComplete ? 1 : 0 }
        page.counter("inframind_gradle_builds_total", help: "Builds seen in the logs of daemons.")
        for home in homes where home.isReadable {
            page.sample(home.logs.tasks.builds) { $0.add("home", home.logs.home) }
        }
        page.counter("inframind_gradle_tasks_total", help: "What became of the tasks of those builds.")
        for home in homes where home.isReadable {
            Self.write("executed", home.logs.tasks.executed, home.logs.home, page)
            Self.write("from_cache", home.logs.tasks.fromCache, home.logs.home, page)
            Self.write("up_to_date", home.logs.tasks.upToDate, home.logs.home, page)
        }
        page.gauge("inframind_gradle_logs_readable", help: "Whether daemons' logs could be read, 1 or 0.")
        for home in homes { page.sample(home.isReadable ? 1 : 0) { $0.add("home", home.logs.home) } }
    }

    private static func write(_ outcome: StaticString, _ count: Int64, _ home: String, _ page: MetricsWriter) {
        page.sample(count) {
            $0.add("home", home)
            $0.add("outcome", outcome)
        }
    }

    /// Entries are named by a hash of 32 or more digits; beside them lie a lock and two lists of properties.
    private static let isEntry: @Sendable (String) -> Bool = { name in
        name.utf8.count >= 32 && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
