import Telemetry

/// `/proc/pressure/*`: how long tasks waited for CPU, memory and I/O.
struct PressureCollector: Collector {
    let roots: KernelRoots
    let name = "pressure"

    func collect(into page: inout PrometheusText) throws(CollectorFailure) {
        let readings = Pressure.Resource.allCases.compactMap { resource in
            Pressure.read(resource, roots).map { (resource: resource.rawValue, pressure: $0) }
        }
        if readings.isEmpty {
            throw CollectorFailure(
                reason: "\(roots.procfs)/pressure cannot be read; add psi=1 to the kernel command line to enable it")
        }
        page.counter(
            "inframind_node_pressure_waiting_seconds_total", help: "Time in which some task waited for the resource.",
            readings.map { .init(labels: ["resource": $0.resource], value: $0.pressure.someSeconds) })
        page.counter(
            "inframind_node_pressure_stalled_seconds_total",
            help: "Time in which no task could run for want of the resource.",
            readings.compactMap { reading in
                reading.pressure.fullSeconds.map { .init(labels: ["resource": reading.resource], value: $0) }
            })
    }
}
