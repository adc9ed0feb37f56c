import Telemetry

/// `/proc/stat`: CPU seconds by CPU and mode, context switches, forks, processes, boot time.
final class CPUCollector: Collector {
    let name = "cpu"
    private let file: KernelFile
    private let buffer: KernelBuffer
    private let failure: CollectorFailure

    /// The modes in the order of the file; guest time comes after these and is in them already.
    private static let modes: [StaticString] = [
        "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal",
    ]
    private static let ticksPerSecond = Int64(KernelStat.ticksPerSecond)

    /// Lines with one number, found while the CPUs are written; -1 where the kernel has no such line.
    private struct Counters {
        var contextSwitches: Int64 = -1
        var forks: Int64 = -1
        var processesRunning: Int64 = -1
        var processesBlocked: Int64 = -1
        var bootTimeSeconds: Int64 = -1
    }

    init(_ sources: CollectorSources) {
        file = KernelFile(sources.roots.procfs + "/stat")
        buffer = sources.buffer
        failure = CollectorFailure(reason: "\(file.path) cannot be read")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        var cursor = try file.read(into: buffer, orFail: failure)
        guard cursor.skip("cpu ") else { throw failure }
        page.counter("inframind_node_cpu_seconds_total", help: "CPU time by CPU and mode; user time includes guests.")
        var counters = Counters()
        while cursor.nextLine() {
            if cursor.skip("cpu") {
                if let cpu = cursor.number() { Self.writeModes(of: cpu, &cursor, page) }
            } else if cursor.skip("ctxt ") {
                counters.contextSwitches = cursor.number() ?? -1
            } else if cursor.skip("processes ") {
                counters.forks = cursor.number() ?? -1
            } else if cursor.skip("procs_running ") {
                counters.processesRunning = cursor.number() ?? -1
            } else if cursor.skip("procs_blocked ") {
                counters.processesBlocked = cursor.number() ?? -1
            } else if cursor.skip("btime ") {
                counters.bootTimeSeconds = cursor.number() ?? -1
            }
        }
        Self.write(counters, page)
    }

    private static func writeModes(of cpu: Int64, _ cursor: inout KernelCursor, _ page: MetricsWriter) {
        for index in 0..<modes.count {
            guard let ticks = cursor.number(), ticks >= 0 else { return }
            page.sample(ticks, per: ticksPerSecond) { labels in
                labels.add("cpu", Int(cpu))
                labels.add("mode", modes[index])
            }
        }
    }

    private static func write(_ counters: Counters, _ page: MetricsWriter) {
        if counters.contextSwitches >= 0 {
            page.counter("inframind_node_context_switches_total", help: "Context switches.")
            page.sample(counters.contextSwitches)
        }
        if counters.forks >= 0 {
            page.counter("inframind_node_forks_total", help: "Processes and threads created.")
            page.sample(counters.forks)
        }
        if counters.processesRunning >= 0 {
            page.gauge("inframind_node_processes_running", help: "Threads that run or could run.")
            page.sample(counters.processesRunning)
        }
        if counters.processesBlocked >= 0 {
            page.gauge("inframind_node_processes_blocked", help: "Processes that wait for I/O.")
            page.sample(counters.processesBlocked)
        }
        if counters.bootTimeSeconds >= 0 {
            page.gauge(
                "inframind_node_boot_time_seconds", help: "When the node was started, in seconds since the epoch.")
            page.sample(counters.bootTimeSeconds)
        }
    }
}
