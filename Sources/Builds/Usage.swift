/// What a step consumed. `nil` means "could not be measured here", never "zero".
public struct Usage: Hashable, Sendable, Codable {
    /// Elapsed time in seconds.
    public var wallSeconds: Double?
    /// CPU seconds in user mode, all descendants included.
    public var userCPUSeconds: Double?
    /// CPU seconds in the kernel, all descendants included.
    public var systemCPUSeconds: Double?
    /// User and system CPU seconds together; set alone by clients that do not tell them apart.
    public var cpuSeconds: Double?

    /// High-water mark of the step's memory in bytes, page cache included: what the kernel calls the peak.
    public var peakMemoryBytes: Int64?
    /// High-water mark of what cannot be reclaimed (anonymous, shared, kernel) in bytes. Page cache pins
    /// ``peakMemoryBytes`` at the limit without any danger, so this is what sizes.
    public var unreclaimablePeakBytes: Int64?
    /// Resident set of the largest *single* process in bytes (`ru_maxrss`).
    public var peakRSSBytes: Int64?
    /// How the peak was measured.
    public var memorySource: MemorySource?

    /// Bytes read from and written to storage.
    public var ioReadBytes: Int64?
    public var ioWriteBytes: Int64?
    public var voluntaryContextSwitches: Int64?
    public var involuntaryContextSwitches: Int64?

    /// Seconds the CPU quota stopped the step.
    public var throttledSeconds: Double?
    /// Seconds some task waited for CPU, memory or I/O (pressure stall information, `some`).
    public var cpuPressureSeconds: Double?
    public var memoryPressureSeconds: Double?
    public var ioPressureSeconds: Double?

    /// Compiler-cache hits and misses during the step.
    public var cacheHits: Int64?
    public var cacheMisses: Int64?

    /// Processes the kernel killed for memory, by the cgroup's own counter. Exit status 137 alone proves nothing.
    public var oomKills: Int64?
    public var exitCode: Int?
    /// Number of the signal that ended the command, if one did.
    public var signal: Int?

    public init() {}

    /// User plus system CPU seconds, from whichever of the fields were measured.
    public var totalCPUSeconds: Double? {
        if let cpuSeconds { return cpuSeconds }
        if userCPUSeconds == nil && systemCPUSeconds == nil { return nil }
        return (userCPUSeconds ?? 0) + (systemCPUSeconds ?? 0)
    }

    /// The peak that sizes the next run: what cannot be reclaimed, else the kernel's mark, else the largest process.
    public var sizingPeakBytes: Int64? { unreclaimablePeakBytes ?? peakMemoryBytes ?? peakRSSBytes }
}

/// How a memory peak was obtained, most exact first.
public enum MemorySource: String, Hashable, Sendable, Codable, CaseIterable {
    /// `memory.peak` of a cgroup v2 made for the step.
    case cgroupV2 = "cgroup_v2"
    /// `memory.max_usage_in_bytes` of a cgroup v1 made for the step.
    case cgroupV1 = "cgroup_v1"
    /// High-water mark of the container's own cgroup, which others may share.
    case sharedCgroup = "shared_cgroup"
    /// Sum of proportional set sizes over the process tree, sampled.
    case sampledPSS = "sampled_pss"
    /// Sum of resident set sizes over the process tree, sampled; counts shared pages more than once.
    case sampledRSS = "sampled_rss"
    /// Only the largest single process is known.
    case largestProcess = "largest_process"
}
