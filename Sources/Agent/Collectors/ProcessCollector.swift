import Glibc
import Telemetry

/// `/proc/PID/stat` of every process: how many there are in which state, and sums over configured groups.
///
/// The kernel takes some ten microseconds to tell of one process, so a look at ten thousand is a tenth of a second. It is
/// taken beside the scrapes, but for the first, and again after two thousand times the CPU time it took, a minute at most;
/// meanwhile the numbers stay. That is 0.05 % of a CPU up to three thousand processes, however often it is scraped.
final class ProcessCollector: Collector {
    let name = "processes"
    private let groups: [String]
    private let census: ProcessCensus
    private let reading: BackgroundReading<ProcessCensus.Counts>
    private let clock: MetricsClock
    private let failure: CollectorFailure
    private var counts = ProcessCensus.Counts()
    private var nextLookAt = Int64.min

    private static let restsForWork: Int64 = 2000
    private static let longestRestNanoseconds: Int64 = 60_000_000_000
    private static let ticksPerSecond = Int64(KernelStat.ticksPerSecond)
    private static let pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    /// What the kernel's letters mean; the last takes those it may add.
    private static let states: [7 of StaticString] = [
        "running", "sleeping", "blocked", "idle", "stopped", "zombie", "other",
    ]

    init(
        _ sources: CollectorSources,
        spentNanoseconds: @escaping @Sendable () -> Int64 = ProcessCensus.threadNanoseconds
    ) {
        groups = sources.settings.processGroups.map(\.name)
        let census = ProcessCensus(
            procfs: sources.roots.procfs, groups: sources.settings.processGroups, spentNanoseconds: spentNanoseconds)
        self.census = census
        reading = BackgroundReading(everySeconds: 0, on: sources.background) { census.take() }.start()
        clock = sources.clock
        failure = CollectorFailure(reason: "no process found in \(sources.roots.procfs)")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        let now = clock.monotonicNanoseconds()
        if counts.turn == 0 {
            takeOver(census.take(), at: now)
        } else {
            if now >= nextLookAt { reading.ask(at: now) }
            try reading.checkProgress(at: now)
            if let latest = reading.current, latest.turn > counts.turn { takeOver(latest, at: now) }
        }
        guard counts.code == 0, counts.threads > 0 else {
            var failure = failure
            failure.code = counts.code
            throw failure
        }
        write(to: page)
    }

    private func takeOver(_ latest: ProcessCensus.Counts, at now: Int64) {
        counts = latest
        nextLookAt = now + min(latest.costNanoseconds * Self.restsForWork, Self.longestRestNanoseconds)
    }

    private func write(to page: MetricsWriter) {
        page.gauge("inframind_node_processes", help: "Processes by state; blocked ones wait for a device.")
        for state in counts.states.indices { page.sample(counts.states[state]) { $0.add("state", Self.states[state]) } }
        page.gauge("inframind_node_threads", help: "Threads of all processes.")
        page.sample(counts.threads)
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
        for index in groups.indices {
            let (scaled, overflow) = value(counts.sums[index]).multipliedReportingOverflow(by: scale)
            page.sample(overflow ? .max : scaled, per: parts) { $0.add("group", groups[index]) }
        }
    }
}
