import Telemetry

/// The answer to `GET /metrics`: every collector's metrics, and how each collector did.
///
/// A collector that fails does not fail the page: it is judged 0 and its reason goes to the log, once until it changes.
struct MetricsPage {
    private let collectors: [any Collector]
    /// Seconds on a clock that never jumps.
    private let clock: () -> Double
    private let log: (String) -> Void
    private var reasons: [String: String] = [:]
    private var scrapes = 0

    init(collectors: [any Collector], clock: @escaping () -> Double, log: @escaping (String) -> Void) {
        self.collectors = collectors
        self.clock = clock
        self.log = log
    }

    mutating func render() -> String {
        scrapes += 1
        var page = PrometheusText()
        var durations: [PrometheusText.Sample] = []
        var successes: [PrometheusText.Sample] = []
        for collector in collectors {
            let before = clock()
            let reason = Self.failure(of: collector, &page)
            durations.append(.init(labels: ["collector": collector.name], value: max(0, clock() - before)))
            successes.append(.init(labels: ["collector": collector.name], value: reason == nil ? 1 : 0))
            if let reason, reasons[collector.name] != reason { log("collector \(collector.name): \(reason)") }
            reasons[collector.name] = reason
        }
        page.gauge(
            "inframind_agent_collector_duration_seconds", help: "How long the collector took this time.", durations)
        page.gauge("inframind_agent_collector_success", help: "Whether the collector had data, 1 or 0.", successes)
        page.counter(
            "inframind_agent_scrapes_total", help: "Pages made since the agent was started, this one included.",
            [.init(value: Double(scrapes))])
        page.gauge(
            "inframind_agent_build_info", help: "The agent's version.",
            [.init(labels: ["version": InframindAgent.version], value: 1)])
        return page.text
    }

    private static func failure(of collector: any Collector, _ page: inout PrometheusText) -> String? {
        do throws(CollectorFailure) {
            try collector.collect(into: &page)
            return nil
        } catch {
            return error.reason
        }
    }
}
