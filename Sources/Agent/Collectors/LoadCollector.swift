import Telemetry

/// `/proc/loadavg`: tasks that run or wait for I/O, averaged.
struct LoadCollector: Collector {
    let roots: KernelRoots
    let name = "load"

    func collect(into page: inout PrometheusText) throws(CollectorFailure) {
        guard let load = LoadAverage.read(roots) else {
            throw CollectorFailure(reason: "\(roots.procfs)/loadavg cannot be read")
        }
        page.gauge("inframind_node_load1", help: "Load average over 1 minute.", [.init(value: load.oneMinute)])
        page.gauge("inframind_node_load5", help: "Load average over 5 minutes.", [.init(value: load.fiveMinutes)])
        page.gauge(
            "inframind_node_load15", help: "Load average over 15 minutes.", [.init(value: load.fifteenMinutes)])
    }
}
