import Telemetry

/// `/proc/self`: what the agent itself costs.
struct SelfCollector: Collector {
    let roots: KernelRoots
    let name = "self"

    func collect(into page: inout PrometheusText) throws(CollectorFailure) {
        guard let stat = (try? KernelText(path: roots.procfs + "/self/stat")).flatMap({ ProcessStat($0) }),
            let status = (try? KernelText(path: roots.procfs + "/self/status")).flatMap({ ProcessStatus($0) })
        else { throw CollectorFailure(reason: "\(roots.procfs)/self cannot be read") }
        page.counter(
            "inframind_agent_cpu_seconds_total", help: "CPU time of the agent.",
            [.init(value: stat.userCPUSeconds + stat.systemCPUSeconds)])
        page.gauge(
            "inframind_agent_resident_memory_bytes", help: "Resident memory of the agent, shared libraries included.",
            [.init(value: Double(status.rssBytes))])
    }
}
