import Telemetry

/// The answer to `GET /metrics`: every collector's metrics, and how each collector did.
///
/// A collector that fails does not fail the page: what it wrote is taken back, it is judged 0, and its reason goes to
/// the log, once until it changes.
final class MetricsPage {
    private var entries: [Entry]
    private let clock: MetricsClock
    private let log: (String) -> Void
    private var scrapes: Int64 = 0

    private struct Entry {
        let collector: any Collector
        /// Why there was nothing last time.
        var failure: CollectorFailure?
        var durationNanoseconds: Int64 = 0
    }

    private static let tooLarge = CollectorFailure(
        reason: "its metrics do not fit on a page of \(MetricsWriter.limitBytes >> 20) MiB",
        remedy: "narrow it down in the configuration, or leave it out of collectors")

    init(collectors: [any Collector], clock: MetricsClock = .system, log: @escaping (String) -> Void) {
        entries = collectors.map { Entry(collector: $0) }
        self.clock = clock
        self.log = log
    }

    /// Takes a reading of everything and writes it over the page before.
    func render(into page: MetricsWriter, as format: MetricsWriter.Format) {
        scrapes += 1
        page.begin(format, atSeconds: clock.secondsSince1970())
        for index in 0..<entries.count {
            let mark = page.mark
            let before = clock.monotonicNanoseconds()
            let failure = Self.failure(of: entries[index].collector, page)
            entries[index].durationNanoseconds = max(0, clock.monotonicNanoseconds() - before)
            if let failure {
                page.rollBack(to: mark)
                if failure != entries[index].failure {
                    log("collector \(entries[index].collector.name): \(failure.line)")
                }
            }
            entries[index].failure = failure
        }
        judge(into: page)
        page.end()
    }

    private func judge(into page: MetricsWriter) {
        page.gauge(
            "inframind_agent_collector_duration_seconds", help: "How long the collector took this time.")
        for index in 0..<entries.count {
            page.sample(entries[index].durationNanoseconds, per: 1_000_000_000) {
                $0.add("collector", entries[index].collector.name)
            }
        }
        page.gauge("inframind_agent_collector_success", help: "Whether the collector had data, 1 or 0.")
        for index in 0..<entries.count {
            page.sample(entries[index].failure == nil ? 1 : 0) { $0.add("collector", entries[index].collector.name) }
        }
        page.counter(
            "inframind_agent_scrapes_total", help: "Pages made since the agent was started, this one included.")
        page.sample(scrapes)
        page.info("inframind_agent_build_info", help: "The agent's version.")
        page.sample(1) { $0.add("version", InframindAgent.version) }
    }

    private static func failure(of collector: any Collector, _ page: MetricsWriter) -> CollectorFailure? {
        do throws(CollectorFailure) {
            try collector.collect(into: page)
            return page.isFull ? tooLarge : nil
        } catch {
            return error
        }
    }
}
