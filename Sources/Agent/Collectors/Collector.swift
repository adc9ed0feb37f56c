import Glibc
import Telemetry

/// Reads one subject and writes its metrics.
///
/// A collector reads files of the kernel and makes system calls, and nothing else: no external command, no privilege.
/// It keeps the files it reads at every scrape open (``KernelFile``), so that after the first scrapes it neither opens
/// nor allocates. What it wrote before it throws is taken back.
protocol Collector: AnyObject {
    /// One word, as in `--collectors`.
    var name: String { get }

    /// Adds the metrics to the page, or throws why there are none.
    func collect(into page: MetricsWriter) throws(CollectorFailure)
}

/// Why a collector had nothing to show.
///
/// A collector that cannot work fails at every scrape, so the strings are best made once.
struct CollectorFailure: Error, Hashable, Sendable {
    /// What could not be done, in a sentence without a full stop.
    var reason: String
    /// The `errno` that says why; 0 when there is none.
    var code: Int32 = 0
    /// What to do to enable it.
    var remedy: String?

    init(reason: String, code: Int32 = 0, remedy: String? = nil) {
        self.reason = reason
        self.code = code
        self.remedy = remedy
    }

    /// One line for the log.
    var line: String {
        let cause = code == 0 ? "" : ": \(String(cString: strerror(code)))"
        return reason + cause + (remedy.map { "; \($0)" } ?? "")
    }
}

/// What collectors are made of.
struct CollectorSources {
    var roots = KernelRoots()
    var settings = CollectorSettings()
    var clock = MetricsClock.system
    /// One buffer for all of them: they run one after the other.
    let buffer = KernelBuffer()
    /// For what takes too long for a scrape.
    var background = BackgroundThread()
}

/// All collectors there are.
enum Collectors {
    /// In the order of the page.
    static func all(_ sources: CollectorSources) -> [any Collector] {
        [
            CPUCollector(sources), MemoryCollector(sources), LoadCollector(sources), PressureCollector(sources),
            DiskCollector(sources), NetworkCollector(sources), CgroupCollector(sources), ProcessCollector(sources),
            CCacheCollector(sources), SCCacheCollector(sources), BazelCollector(sources), GradleCollector(sources),
            SelfCollector(sources), SelfIOCollector(sources),
        ]
    }

    static let names = all(CollectorSources()).map(\.name)
}
