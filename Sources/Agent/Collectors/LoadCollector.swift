import Telemetry

/// `/proc/loadavg`: tasks that run or wait for I/O, averaged.
final class LoadCollector: Collector {
    let name = "load"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/loadavg")
        buffer = sources.buffer
        failure = CollectorFailure(reason: "\(file.path) cannot be read")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        guard let one = cursor.hundredths(), let five = cursor.hundredths(), let fifteen = cursor.hundredths() else {
            throw failure
        }
        page.gauge("inframind_node_load1", help: "Load average over 1 minute.")
        page.sample(one, per: 100)
        page.gauge("inframind_node_load5", help: "Load average over 5 minutes.")
        page.sample(five, per: 100)
        page.gauge("inframind_node_load15", help: "Load average over 15 minutes.")
        page.sample(fifteen, per: 100)
    }
}
