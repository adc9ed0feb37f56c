import Glibc
import Telemetry

/// CPU, memory, I/O and pressure of the node's lasting cgroups, of either generation; ``CgroupSelection`` says which.
final class CgroupCollector: Collector {
    let name = "cgroup"
    private let roots: KernelRoots
    private let configured: [String]
    private let buffer: KernelBuffer
    private let clock: MetricsClock
    private let failure: CollectorFailure
    private var cgroups: [Cgroup] = []
    private var readings: ContiguousArray<CgroupReading> = []
    private var selectedAt: Int64?
    /// Links of the folders that were looked through, as a count of the folders in them.
    private var watched: [(path: String, links: UInt64)] = []

    private struct Cgroup {
        let path: String
        let files: [CgroupFile]
        /// False when none of its files could be read: it is gone.
        var isThere = true
    }

    /// A folder that appears without changing a count is found after this long: another was removed just before.
    private static let reselectionNanoseconds: Int64 = 60_000_000_000

    init(_ sources: CollectorSources) {
        roots = sources.roots
        configured = sources.settings.cgroups
        buffer = sources.buffer
        clock = sources.clock
        failure = CollectorFailure(
            reason: "no cgroup found in \(roots.sysfs)/fs/cgroup",
            remedy: "mount it there, and in a container the host's; or name cgroups in the configuration")
    }

    func collect(into page: MetricsWriter) throws(CollectorFailure) {
        selectIfDue()
        guard !cgroups.isEmpty else { throw failure }
        readings.removeAll(keepingCapacity: true)
        var isAnyGone = false
        for index in cgroups.indices {
            readings.append(CgroupReading())
            cgroups[index].isThere = read(index)
            isAnyGone = isAnyGone || !cgroups[index].isThere
        }
        if isAnyGone { selectedAt = nil }
        write(to: page)
    }

    private func read(_ index: Int) -> Bool {
        var isThere = false
        for file in cgroups[index].files {
            guard var cursor = try? file.file.read(into: buffer) else { continue }
            file.read(&cursor, &readings[index])
            isThere = true
        }
        return isThere
    }

    private func selectIfDue() {
        let now = clock.monotonicNanoseconds()
        if let selectedAt, now - selectedAt < Self.reselectionNanoseconds,
            watched.allSatisfy({ Self.links($0.path) == $0.links })
        {
            return
        }
        let layout = CgroupLayout.locate(roots)
        let paths = CgroupSelection(layout, configured: configured).paths
        // Files that are still wanted stay open.
        if selectedAt == nil || paths != cgroups.map(\.path) {
            cgroups = paths.map { Cgroup(path: $0, files: Self.files($0, layout)) }.filter { !$0.files.isEmpty }
        }
        let tops = Set((layout.v1 + [layout.unified].compactMap(\.self)).map(\.top))
        watched = tops.flatMap { [$0, $0 + "/kubepods", $0 + "/kubepods.slice"] }.sorted().map { ($0, Self.links($0)) }
        selectedAt = now
    }

    private static func links(_ path: String) -> UInt64 {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_nlink) : 0
    }

    /// A controller is in one hierarchy only; what v1 has of CPU time, memory and I/O goes before the v2 hierarchy of a
    /// hybrid machine, which has pressure only.
    private static func files(_ path: String, _ layout: CgroupLayout) -> [CgroupFile] {
        var files: [CgroupFile] = []
        let below = path == "/" ? "" : path
        var taken: Set<String> = []
        for directory in layout.v1 {
            let found = CgroupFile.all(
                in: directory.top + below, .v1, controllers: Set(directory.controllers).subtracting(taken))
            taken.formUnion(directory.controllers)
            files += found
        }
        if let unified = layout.unified {
            var controllers: Set = ["cpu", "memory", "io", "pressure"]
            if taken.contains("cpuacct") { controllers.remove("cpu") }
            if taken.contains("memory") { controllers.remove("memory") }
            if taken.contains("blkio") { controllers.remove("io") }
            files += CgroupFile.all(in: unified.top + below, .v2, controllers: controllers)
        }
        return files
    }
}

extension CgroupCollector {
    private func write(to page: MetricsWriter) {
        page.counter("inframind_cgroup_cpu_seconds_total", help: "CPU time of the cgroup and all below it.")
        write(page, per: 1_000_000) { $0.cpuMicroseconds }
        page.counter("inframind_cgroup_cpu_user_seconds_total", help: "The part of it outside the kernel.")
        write(page, per: 1_000_000) { $0.userMicroseconds }
        page.counter("inframind_cgroup_cpu_system_seconds_total", help: "The part of it in the kernel.")
        write(page, per: 1_000_000) { $0.systemMicroseconds }
        page.counter("inframind_cgroup_cpu_periods_total", help: "Periods of the CPU quota that passed.")
        write(page) { $0.periods }
        page.counter(
            "inframind_cgroup_cpu_throttled_periods_total", help: "Periods in which the CPU quota was used up.")
        write(page) { $0.throttledPeriods }
        page.counter(
            "inframind_cgroup_cpu_throttled_seconds_total", help: "Time stopped by the CPU quota, summed over CPUs.")
        write(page, per: 1_000_000) { $0.throttledMicroseconds }
        page.gauge("inframind_cgroup_memory_current_bytes", help: "Memory charged, page cache included.")
        write(page) { $0.memoryBytes }
        page.gauge("inframind_cgroup_memory_peak_bytes", help: "The most memory ever charged.")
        write(page) { $0.peakBytes }
        page.gauge(
            "inframind_cgroup_memory_working_set_bytes", help: "Memory charged, less page cache not used lately.")
        write(page) { $0.workingSetBytes }
        page.gauge("inframind_cgroup_memory_limit_bytes", help: "The memory limit of this cgroup, where it has one.")
        write(page) { $0.limitBytes }
        page.counter("inframind_cgroup_oom_kills_total", help: "Processes the kernel killed for want of memory.")
        write(page) { $0.oomKills }
        page.counter("inframind_cgroup_io_read_bytes_total", help: "Bytes read from disks.")
        write(page) { $0.readBytes }
        page.counter("inframind_cgroup_io_written_bytes_total", help: "Bytes written to disks.")
        write(page) { $0.writtenBytes }
        page.counter("inframind_cgroup_io_reads_total", help: "Operations that read from disks.")
        write(page) { $0.reads }
        page.counter("inframind_cgroup_io_writes_total", help: "Operations that wrote to disks.")
        write(page) { $0.writes }
        page.counter(
            "inframind_cgroup_pressure_waiting_seconds_total",
            help: "Time in which some task of the cgroup waited for the resource.")
        writePressure(page) { $0.waitingMicroseconds }
        page.counter(
            "inframind_cgroup_pressure_stalled_seconds_total",
            help: "Time in which no task of the cgroup could run for want of the resource.")
        writePressure(page) { $0.stalledMicroseconds }
    }

    private func write(_ page: MetricsWriter, per parts: Int64 = 1, _ value: (borrowing CgroupReading) -> Int64) {
        for index in readings.indices where cgroups[index].isThere {
            let value = value(readings[index])
            if value >= 0 { page.sample(value, per: parts) { $0.add("cgroup", cgroups[index].path) } }
        }
    }

    private static let resources: [3 of StaticString] = ["cpu", "memory", "io"]

    private func writePressure(_ page: MetricsWriter, _ values: (borrowing CgroupReading) -> [3 of Int64]) {
        for index in readings.indices where cgroups[index].isThere {
            let values = values(readings[index])
            for resource in values.indices where values[resource] >= 0 {
                page.sample(values[resource], per: 1_000_000) {
                    $0.add("cgroup", cgroups[index].path)
                    $0.add("resource", Self.resources[resource])
                }
            }
        }
    }
}
