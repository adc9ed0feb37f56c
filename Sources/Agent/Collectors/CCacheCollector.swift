import Telemetry

/// ccache's own counters, from its statistics files.
final class CCacheCollector: Collector {
    let name = "ccache"
    private let clock: MetricsClock
    private let reading: BackgroundReading<[Cache]>?
    private let unreadable: CollectorFailure

    private struct Cache: Sendable {
        var directory: String
        /// `nil` when there is nothing to read.
        var statistics: CCacheStatistics?
    }

    /// A cache is up to 273 small files.
    private static let periodSeconds = 15.0
    private static let notConfigured = CollectorFailure(
        reason: "no ccache directory is known",
        remedy: "name them in the configuration, or set CCACHE_DIR or HOME for the agent")

    init(_ sources: CollectorSources) {
        clock = sources.clock
        let directories = Array(
            sources.settings.caches.ccacheDirectories.prefix(CollectorSettings.CompilerCaches.limit))
        unreadable = CollectorFailure(
            reason: "no statistics of ccache can be read in \(directories.joined(separator: ", "))",
            remedy: "let the agent's user read them, or run a compilation through ccache first")
        reading =
            directories.isEmpty
            ? nil
            : BackgroundReading(everySeconds: Self.periodSeconds, on: sources.background) {
                directories.map { Cache(directory: $0, statistics: CCacheStatistics(directory: $0)) }
            }.start()
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        guard let reading else { throw Self.notConfigured }
        let caches = try reading.latestOrFailure(at: clock.monotonicNanoseconds())
        guard caches.contains(where: { $0.statistics != nil }) else { throw unreadable }
        page.counter("inframind_ccache_hits_total", help: "Compilations answered from the cache.")
        for cache in caches {
            guard let statistics = cache.statistics else { continue }
            page.sample(statistics.directCacheHits) {
                $0.add("directory", cache.directory)
                $0.add("mode", "direct")
            }
            page.sample(statistics.preprocessedCacheHits) {
                $0.add("directory", cache.directory)
                $0.add("mode", "preprocessed")
            }
        }
        page.counter("inframind_ccache_misses_total", help: "Compilations that had to be made.")
        Self.write(caches, page) { $0.cacheMisses }
        page.counter("inframind_ccache_uncacheable_total", help: "Calls whose result cannot be cached.")
        Self.write(caches, page) { $0.uncacheableCalls }
        page.counter("inframind_ccache_errors_total", help: "Calls that failed in ccache itself.")
        Self.write(caches, page) { $0.errors }
        page.counter("inframind_ccache_cleanups_total", help: "Times old entries were removed to make room.")
        Self.write(caches, page) { $0.cleanups }
        page.gauge("inframind_ccache_files", help: "Files in the cache.")
        Self.write(caches, page) { $0.files }
        page.gauge("inframind_ccache_size_bytes", help: "Size of the cache.")
        Self.write(caches, page) { $0.sizeBytes }
        page.gauge("inframind_ccache_zeroed_timestamp_seconds", help: "When the counters were last set to zero.")
        Self.write(caches, page) { $0.zeroedAtSeconds > 0 ? $0.zeroedAtSeconds : -1 }
        page.gauge("inframind_ccache_readable", help: "Whether the directory's statistics could be read, 1 or 0.")
        for cache in caches {
            page.sample(cache.statistics == nil ? 0 : 1) { $0.add("directory", cache.directory) }
        }
    }

    private static func write(_ caches: [Cache], _ page: MetricsWriter, _ value: (CCacheStatistics) -> Int64) {
        for cache in caches {
            guard let statistics = cache.statistics else { continue }
            let value = value(statistics)
            if value >= 0 { page.sample(value) { $0.add("directory", cache.directory) } }
        }
    }
}
