import Builds
import Telemetry

/// What the kernel counts for one cgroup that belongs to a step: a pod's, or the cgroup a build has for itself.
///
/// The last good reading stays when the cgroup is gone.
struct CgroupAccount {
    /// The directories of the cgroup, one for each kind of account.
    struct Places: Hashable {
        /// Accounts for memory.
        var memory: CgroupDirectory?
        /// Counts CPU time.
        var cpuTime: CgroupDirectory?
        /// Counts throttling.
        var quota: CgroupDirectory?
        /// The v2 directory, for pressure and I/O.
        var unified: CgroupDirectory?

        /// Those that are below the root of their hierarchy and surely the process's own.
        init(_ layout: CgroupLayout) {
            func own(_ directory: CgroupDirectory?) -> CgroupDirectory? {
                directory.flatMap { $0.isExact && $0.path != $0.top && !$0.isHierarchyRoot ? $0 : nil }
            }
            memory = own(layout.memory)
            cpuTime = own(layout.v1.first { $0.controllers.contains("cpuacct") } ?? layout.unified)
            quota = own(layout.cpu)
            unified = own(layout.unified)
        }

        init(memory: CgroupDirectory?, cpuTime: CgroupDirectory?, quota: CgroupDirectory?, unified: CgroupDirectory?) {
            self.memory = memory
            self.cpuTime = cpuTime
            self.quota = quota
            self.unified = unified
        }

        var all: [CgroupDirectory] { [memory, cpuTime].compactMap(\.self) }
    }

    /// Counters that only rise.
    private struct Counters {
        var cpu: CgroupCPUTime?
        var oomKills: Int64?
        var throttledSeconds: Double?
        var io: CgroupV2.IOStat?
        var pressureSeconds: [Pressure.Resource: Double] = [:]
        var markBytes: Int64?

        init(_ places: Places) {
            cpu = places.cpuTime.flatMap(CgroupCPUTime.read)
            oomKills = places.memory.flatMap(CgroupMemory.oomKills)
            throttledSeconds = places.quota.flatMap(CgroupThrottling.read)?.throttledSeconds
            markBytes = places.memory.flatMap(CgroupMemory.peakBytes)
            guard let unified = places.unified else { return }
            io = CgroupV2.IOStat.read(unified)
            for resource in Pressure.Resource.allCases {
                pressureSeconds[resource] = Pressure.read(resource, cgroup: unified.path)?.someSeconds
            }
        }
    }

    let places: Places
    /// True when everything the cgroup ever counted is the step's.
    let isFresh: Bool
    private let before: Counters
    private var latest: Counters
    private var peaks = CgroupMemoryPeaks()
    /// What the step had used when the account was opened, if it was not fresh.
    private let openedWith: CPUSeconds
    /// True when the last look could read the CPU counter.
    private(set) var isReadable: Bool

    /// For a pod, whose cgroup is made for it and never used again.
    init(pod places: Places) {
        self.places = places
        before = Counters(places)
        latest = before
        isFresh = true
        openedWith = .zero
        isReadable = before.cpu != nil
        look()
    }

    /// For a cgroup that was found to hold a step's processes and nobody else's.
    ///
    /// A cgroup that has had others in it counts what they did as well, and its high-water mark may be theirs. It is as
    /// good as new when its CPU counter shows no more than the step's own processes do.
    ///
    /// - Parameter used: what the step's processes have used until now.
    init(own places: Places, used: CPUSeconds) {
        self.places = places
        before = Counters(places)
        latest = before
        openedWith = used
        isReadable = before.cpu != nil
        // 0.1 s and a tenth: the program that set the cgroup up, and what the clocks differ by.
        isFresh = (before.cpu?.totalSeconds ?? .infinity) <= used.total * 1.1 + 0.1
        look()
    }

    mutating func look() {
        if let memory = places.memory.flatMap(CgroupMemory.read) { peaks.add(memory) }
        let now = Counters(places)
        isReadable = now.cpu != nil
        latest.cpu = now.cpu ?? latest.cpu
        latest.oomKills = now.oomKills ?? latest.oomKills
        latest.throttledSeconds = now.throttledSeconds ?? latest.throttledSeconds
        latest.io = now.io ?? latest.io
        latest.markBytes = now.markBytes ?? latest.markBytes
        latest.pressureSeconds.merge(now.pressureSeconds) { _, new in new }
    }

    /// CPU time of the step; `nil` where nothing counts it.
    var cpu: CPUSeconds? {
        guard let now = latest.cpu else { return nil }
        let split = CPUSeconds(user: now.userSeconds ?? now.totalSeconds, system: now.systemSeconds ?? 0)
        if isFresh { return split }
        guard let base = before.cpu?.totalSeconds, now.totalSeconds >= base else { return nil }
        return openedWith + split.scaled(toTotal: now.totalSeconds - base)
    }

    /// True while a process lives in it or below it.
    var isPopulated: Bool {
        guard let directory = places.all.first else { return false }
        return Self.processes(below: directory, limit: 1)?.isEmpty == false
    }

    /// The processes in a cgroup and below it, at most about `limit`; `nil` when the cgroup is gone.
    static func processes(below directory: CgroupDirectory, limit: Int, depth: Int = 0) -> [Int32]? {
        guard var found = try? directory.processes() else { return nil }
        // Containers in containers in containers.
        guard depth < 8 else { return found }
        for name in directory.childNames() where found.count < limit {
            found += processes(below: directory.child(name), limit: limit, depth: depth + 1) ?? []
        }
        return found
    }

    /// Fills in what the cgroup knows of memory, I/O, throttling, pressure and kills.
    func fill(_ usage: inout Usage) {
        if let memory = places.memory, peaks.sampleCount > 0 {
            // An old mark tells nothing of the step unless it rose.
            let mark = latest.markBytes.flatMap { isFresh || $0 > before.markBytes ?? .max ? $0 : nil }
            usage.memorySource = memory.version == .v1 ? .cgroupV1 : .cgroupV2
            usage.peakMemoryBytes = mark ?? peaks.currentBytes
            usage.unreclaimablePeakBytes = peaks.unreclaimablePeakBytes(markBytes: mark)
        }
        usage.oomKills = rise(latest.oomKills, before.oomKills)
        usage.throttledSeconds = rise(latest.throttledSeconds, before.throttledSeconds)
        if let io = latest.io {
            usage.ioReadBytes = rise(io.readBytes, before.io?.readBytes)
            usage.ioWriteBytes = rise(io.writeBytes, before.io?.writeBytes)
        }
        usage.cpuPressureSeconds = rise(latest.pressureSeconds[.cpu], before.pressureSeconds[.cpu])
        usage.memoryPressureSeconds = rise(latest.pressureSeconds[.memory], before.pressureSeconds[.memory])
        usage.ioPressureSeconds = rise(latest.pressureSeconds[.io], before.pressureSeconds[.io])
    }

    private func rise<Number: Comparable & Numeric>(_ now: Number?, _ base: Number?) -> Number? {
        guard let now else { return nil }
        if isFresh { return now }
        return base.map { now >= $0 ? now - $0 : now }
    }
}
