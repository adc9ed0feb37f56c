import Glibc
import Telemetry

/// `/proc/PID/stat` of every process: how many there are in which state, and sums over configured groups.
///
/// The kernel takes some ten microseconds to tell of one process, so a scan of ten thousand is a tenth of a second. After
/// a scan the collector therefore waits two thousand times as long as it took, a minute at most, and shows the same
/// numbers meanwhile: 0.05 % of a CPU up to three thousand processes, however often it is scraped.
final class ProcessCollector: Collector {
    let name = "processes"
    private let scan: ProcessScan
    private var groups: ProcessGroups
    private let clock: MetricsClock
    private let failure: CollectorFailure
    private var nextScanAt = Int64.min
    private var counts: [7 of Int64] = [0, 0, 0, 0, 0, 0, 0]
    private var threads: Int64 = 0

    private static let restsForWork: Int64 = 2000
    private static let longestRestNanoseconds: Int64 = 60_000_000_000
    private static let ticksPerSecond = Int64(KernelStat.ticksPerSecond)
    private static let pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    /// What the kernel's letters mean; the last takes those it may add.
    private static let states: [7 of StaticString] = [
        "running", "sleeping", "blocked", "idle", "stopped", "zombie", "other",
    ]

    init(_ sources: CollectorSources) {
        scan = ProcessScan(procfs: sources.roots.procfs)
        groups = ProcessGroups(sources.settings.processGroups)
        clock = sources.clock
        failure = CollectorFailure(reason: "no process found in \(sources.roots.procfs)")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        let now = clock.monotonicNanoseconds()
        if now >= nextScanAt {
            try scanProcesses()
            let after = clock.monotonicNanoseconds()
            nextScanAt = after + min(max(0, after - now) * Self.restsForWork, Self.longestRestNanoseconds)
        }
        write(to: page)
    }

    private func scanProcesses() throws(CollectorFailure) {
        counts = [0, 0, 0, 0, 0, 0, 0]
        threads = 0
        groups.beginScan()
        let code = scan.forEach { process in
            counts[Self.state(process.state)] += 1
            threads += min(process.threads, Int64(Int32.max))
            if !groups.isEmpty { groups.add(process) }
        }
        groups.endScan()
        guard code == 0, threads > 0 else {
            var failure = failure
            failure.code = code
            throw failure
        }
    }

    private static func state(_ letter: UInt8) -> Int {
        switch letter {
        case UInt8(ascii: "R"): 0
        case UInt8(ascii: "S"): 1
        case UInt8(ascii: "D"): 2
        case UInt8(ascii: "I"): 3
        case UInt8(ascii: "T"), UInt8(ascii: "t"): 4
        case UInt8(ascii: "Z"): 5
        default: 6
        }
    }

    private func write(to page: MetricsWriter) {
        page.gauge("inframind_node_processes", help: "Processes by state; blocked ones wait for a device.")
        for state in counts.indices { page.sample(counts[state]) { $0.add("state", Self.states[state]) } }
        page.gauge("inframind_node_threads", help: "Threads of all processes.")
        page.sample(threads)
        page.gauge("inframind_process_group_processes", help: "Processes of the group.")
        write(page) { $0.processes }
        page.gauge("inframind_process_group_threads", help: "Threads of the group.")
        write(page) { $0.threads }
        page.gauge(
            "inframind_process_group_resident_memory_bytes",
            help: "Resident memory summed over the group; pages that processes share count for each.")
        write(page, scale: Self.pageBytes) { $0.residentPages }
        page.counter(
            "inframind_process_group_cpu_seconds_total",
            help: "CPU time of the group, but for what a process used between the last look and its end.")
        write(page, per: Self.ticksPerSecond) { $0.cpuTicks }
    }

    private func write(
        _ page: MetricsWriter, scale: Int64 = 1, per parts: Int64 = 1, _ value: (ProcessGroups.Sum) -> Int64
    ) {
        for index in groups.names.indices {
            let (scaled, overflow) = value(groups.sums[index]).multipliedReportingOverflow(by: scale)
            page.sample(overflow ? .max : scaled, per: parts) { $0.add("group", groups.names[index]) }
        }
    }
}
