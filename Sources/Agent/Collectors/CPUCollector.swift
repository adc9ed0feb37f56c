import Telemetry

/// `/proc/stat`: CPU seconds by CPU and mode, context switches, forks, processes, boot time.
struct CPUCollector: Collector {
    let roots: KernelRoots
    let name = "cpu"

    private static let modes: [(name: String, seconds: KeyPath<KernelStat.CPUTimes, Double> & Sendable)] = [
        ("user", \.user), ("nice", \.nice), ("system", \.system), ("idle", \.idle), ("iowait", \.iowait),
        ("irq", \.irq), ("softirq", \.softirq), ("steal", \.steal),
    ]

    func collect(into page: inout PrometheusText) throws(CollectorFailure) {
        guard let stat = KernelStat.read(roots) else {
            throw CollectorFailure(reason: "\(roots.procfs)/stat cannot be read")
        }
        page.counter(
            "inframind_node_cpu_seconds_total", help: "CPU time by CPU and mode; user time includes guests.",
            stat.perCPU.sorted { $0.key < $1.key }.flatMap { number, times in
                Self.modes.map { mode in
                    .init(labels: ["cpu": String(number), "mode": mode.name], value: times[keyPath: mode.seconds])
                }
            })
        func samples(_ value: Int64?) -> [PrometheusText.Sample] { value.map { [.init(value: Double($0))] } ?? [] }
        page.counter(
            "inframind_node_context_switches_total", help: "Context switches.", samples(stat.contextSwitches))
        page.counter("inframind_node_forks_total", help: "Processes and threads created.", samples(stat.forks))
        page.gauge(
            "inframind_node_processes_running", help: "Threads that run or could run.",
            samples(stat.processesRunning))
        page.gauge(
            "inframind_node_processes_blocked", help: "Processes that wait for I/O.", samples(stat.processesBlocked))
        page.gauge(
            "inframind_node_boot_time_seconds", help: "When the node was started, in seconds since the epoch.",
            samples(stat.bootTimeSeconds))
    }
}
