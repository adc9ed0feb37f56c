import Synchronization
import Telemetry

/// sccache's counters, from its servers on this machine.
final class SCCacheCollector: Collector {
    let name = "sccache"
    private let clock: MetricsClock
    private let reading: BackgroundReading<[Server]>?
    private let unreadable: CollectorFailure

    struct Server: Sendable {
        var port: UInt16
        /// `nil` when it did not answer.
        var statistics: SCCacheStatistics?
        /// Counts by language, at most ``SCCacheCollector/limitLanguages``, the rest in one.
        var hits: [(language: String, count: Int64)] = []
        var misses: [(language: String, count: Int64)] = []
        var errors: [(language: String, count: Int64)] = []

        init(port: UInt16, statistics: SCCacheStatistics?) {
            self.port = port
            self.statistics = statistics
            hits = Self.bounded(statistics?.hits ?? [:])
            misses = Self.bounded(statistics?.misses ?? [:])
            errors = Self.bounded(statistics?.errors ?? [:])
        }

        private static func bounded(_ counts: [String: Int64]) -> [(language: String, count: Int64)] {
            let sorted = counts.sorted { $0.key < $1.key }.map { (language: $0.key, count: $0.value) }
            guard sorted.count > SCCacheCollector.limitLanguages else { return sorted }
            let rest = sorted.dropFirst(SCCacheCollector.limitLanguages).reduce(Int64(0)) { sum, entry in
                let (result, overflow) = sum.addingReportingOverflow(entry.count)
                return overflow ? .max : result
            }
            return sorted.prefix(SCCacheCollector.limitLanguages) + [(language: "others", count: rest)]
        }
    }

    /// sccache knows about ten.
    private static let limitLanguages = 16
    private static let periodSeconds = 15.0
    private static let notConfigured = CollectorFailure(
        reason: "no sccache server is known",
        remedy: "name the ports of servers in the configuration; the default is \(SCCacheServer.defaultPort)")

    init(_ sources: CollectorSources) {
        clock = sources.clock
        let ports = Array(sources.settings.caches.sccachePorts.prefix(CollectorSettings.CompilerCaches.limit))
        unreadable = CollectorFailure(
            reason: "no sccache server answers on port \(ports.map(String.init).joined(separator: ", "))",
            remedy: "start one (sccache --start-server), name its port in the configuration, "
                + "or leave sccache out of collectors")
        let patience = Mutex(ports.map { SCCachePatience(port: $0) })
        reading =
            ports.isEmpty
            ? nil
            : BackgroundReading(everySeconds: Self.periodSeconds, on: sources.background) {
                patience.withLock { servers in
                    servers.indices.map { Server(port: servers[$0].port, statistics: servers[$0].ask()) }
                }
            }.start()
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        guard let reading else { throw Self.notConfigured }
        let servers = try reading.latestOrFailure(at: clock.monotonicNanoseconds())
        guard servers.contains(where: { $0.statistics != nil }) else { throw unreadable }
        page.counter("inframind_sccache_hits_total", help: "Compilations answered from the cache.")
        for server in servers { Self.write(server.hits, server.port, page) }
        page.counter("inframind_sccache_misses_total", help: "Compilations that had to be made.")
        for server in servers { Self.write(server.misses, server.port, page) }
        page.counter("inframind_sccache_errors_total", help: "Compilations that failed in sccache itself.")
        for server in servers { Self.write(server.errors, server.port, page) }
        page.counter("inframind_sccache_compile_requests_total", help: "Requests to compile.")
        Self.write(servers, page) { $0.compileRequests }
        page.counter("inframind_sccache_executed_requests_total", help: "Requests that were compilations to cache.")
        Self.write(servers, page) { $0.executedRequests }
        page.counter("inframind_sccache_uncacheable_total", help: "Requests whose result cannot be cached.")
        Self.write(servers, page) { $0.nonCacheableRequests }
        page.counter("inframind_sccache_compile_failures_total", help: "Compilations the compiler refused.")
        Self.write(servers, page) { $0.compileFailures }
        page.counter("inframind_sccache_timeouts_total", help: "Looks at the cache that took too long.")
        Self.write(servers, page) { $0.cacheTimeouts }
        page.counter("inframind_sccache_read_errors_total", help: "Looks at the cache that failed.")
        Self.write(servers, page) { $0.cacheReadErrors }
        page.counter("inframind_sccache_writes_total", help: "Results put into the cache.")
        Self.write(servers, page) { $0.cacheWrites }
        page.counter("inframind_sccache_write_errors_total", help: "Results that could not be put into the cache.")
        Self.write(servers, page) { $0.cacheWriteErrors }
        page.gauge("inframind_sccache_size_bytes", help: "Size of the cache, where it is on a local disk.")
        Self.write(servers, page) { $0.sizeBytes ?? -1 }
        page.gauge("inframind_sccache_limit_bytes", help: "What the cache may grow to.")
        Self.write(servers, page) { $0.limitBytes ?? -1 }
        page.gauge("inframind_sccache_readable", help: "Whether the server answered, 1 or 0.")
        for server in servers { page.sample(server.statistics == nil ? 0 : 1) { $0.add("port", Int(server.port)) } }
    }

    private static func write(_ counts: [(language: String, count: Int64)], _ port: UInt16, _ page: MetricsWriter) {
        for entry in counts {
            page.sample(entry.count) {
                $0.add("port", Int(port))
                $0.add("language", entry.language)
            }
        }
    }

    private static func write(_ servers: [Server], _ page: MetricsWriter, _ value: (SCCacheStatistics) -> Int64) {
        for server in servers {
            guard let statistics = server.statistics else { continue }
            let value = value(statistics)
            if value >= 0 { page.sample(value) { $0.add("port", Int(server.port)) } }
        }
    }
}
