import Builds
import Client
import Glibc
import Telemetry

/// Counters of the container, or of the worker's cgroup, at one moment. The difference of two is what happened between.
struct MachineCounters: Hashable, Sendable, Codable {
    /// Seconds since boot, suspended time included; goes on through changes of the wall clock.
    var bootSeconds: Double
    /// The kernel's name for this boot: counters of another one cannot be compared.
    var bootID: String?
    /// The cgroup the counters below belong to; `nil` in the root of a hierarchy, where they would count the whole
    /// machine.
    var cgroup: String?
    var cpuSeconds: Double?
    var userCPUSeconds: Double?
    var systemCPUSeconds: Double?
    var throttledSeconds: Double?
    var peakMemoryBytes: Int64?
    var oomKills: Int64?
    var cpuPressureSeconds: Double?
    var memoryPressureSeconds: Double?
    var ioPressureSeconds: Double?
    var cacheHits: Int64?
    var cacheMisses: Int64?

    static func now(_ roots: KernelRoots = KernelRoots(), environment: [String: String]) -> MachineCounters {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        var counters = MachineCounters(bootSeconds: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        counters.bootID = Folder.read(roots.procfs + "/sys/kernel/random/boot_id", atMost: 64)
            .map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
        let layout = CgroupLayout.locate(roots)
        if let memory = layout.memory, !memory.isHierarchyRoot {
            counters.cgroup = memory.path
            counters.peakMemoryBytes = CgroupMemory.peakBytes(memory)
            counters.oomKills = CgroupMemory.oomKills(memory)
        }
        if let cpu = layout.cpu, !cpu.isHierarchyRoot {
            counters.cgroup = counters.cgroup ?? cpu.path
            let used = CgroupCPUTime.read(cpu)
            counters.cpuSeconds = used?.totalSeconds
            counters.userCPUSeconds = used?.userSeconds
            counters.systemCPUSeconds = used?.systemSeconds
            counters.throttledSeconds = CgroupThrottling.read(cpu)?.throttledSeconds
        }
        if let unified = layout.unified, !unified.isHierarchyRoot {
            func pressure(_ name: String) -> Double? {
                (try? KernelText(path: "\(unified.path)/\(name).pressure")).flatMap { Pressure($0) }?.someSeconds
            }
            counters.cpuPressureSeconds = pressure("cpu")
            counters.memoryPressureSeconds = pressure("memory")
            counters.ioPressureSeconds = pressure("io")
        }
        if let cache = CCacheStatistics.directory(environment: environment).flatMap(CCacheStatistics.init(directory:)) {
            counters.cacheHits = cache.counts.hits
            counters.cacheMisses = cache.counts.misses
        }
        return counters
    }

    /// What was used since `earlier`. What cannot be told apart from what came before stays `nil`.
    func usage(since earlier: MachineCounters) -> Usage {
        var usage = Usage()
        usage.cacheHits = difference(cacheHits, earlier.cacheHits)
        usage.cacheMisses = difference(cacheMisses, earlier.cacheMisses)
        guard bootID == earlier.bootID else { return usage }
        usage.wallSeconds = max(0, bootSeconds - earlier.bootSeconds)
        guard let cgroup, cgroup == earlier.cgroup else { return usage }
        usage.userCPUSeconds = difference(userCPUSeconds, earlier.userCPUSeconds)
        usage.systemCPUSeconds = difference(systemCPUSeconds, earlier.systemCPUSeconds)
        usage.cpuSeconds = difference(cpuSeconds, earlier.cpuSeconds)
        usage.throttledSeconds = difference(throttledSeconds, earlier.throttledSeconds)
        usage.cpuPressureSeconds = difference(cpuPressureSeconds, earlier.cpuPressureSeconds)
        usage.memoryPressureSeconds = difference(memoryPressureSeconds, earlier.memoryPressureSeconds)
        usage.ioPressureSeconds = difference(ioPressureSeconds, earlier.ioPressureSeconds)
        usage.oomKills = difference(oomKills, earlier.oomKills)
        // A high-water mark that rose was reached in between. One that did not says only that the step stayed below.
        if let peak = peakMemoryBytes, let before = earlier.peakMemoryBytes, peak > before {
            usage.peakMemoryBytes = peak
            usage.memorySource = .sharedCgroup
        }
        return usage
    }
}

/// `nil` unless both are known and the counter did not restart in between.
private func difference<Number: Comparable & AdditiveArithmetic>(_ now: Number?, _ before: Number?) -> Number? {
    guard let now, let before, now >= before else { return nil }
    return now - before
}
