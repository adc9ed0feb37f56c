import Glibc

/// What the kernel says the reaped processes of a step used: the sum over every `wait4` of the wrapper.
///
/// The kernel adds to a process's numbers those of the children it reaped itself, so adding up all direct children,
/// orphans re-parented to the wrapper included, counts every process once. Left out are processes whose parent ignores
/// `SIGCHLD` and processes still alive; ``StepMeter`` adds the latter.
public struct ReapedUsage: Hashable, Sendable {
    public private(set) var processCount = 0
    public private(set) var userCPUSeconds: Double = 0
    public private(set) var systemCPUSeconds: Double = 0
    /// Largest `ru_maxrss` in bytes. It also covers the memory image the child had *before* `execve`, which is the
    /// wrapper's own; see ``StepMeter`` for how that is told apart.
    public private(set) var maxRSSBytes: Int64 = 0
    /// Bytes fetched from and sent to storage (the kernel counts blocks of 512 bytes; writes when a page is dirtied).
    public private(set) var ioReadBytes: Int64 = 0
    public private(set) var ioWriteBytes: Int64 = 0
    public private(set) var voluntaryContextSwitches: Int64 = 0
    public private(set) var involuntaryContextSwitches: Int64 = 0

    public init() {}

    /// Adds one reaped process. Negative counters, which no kernel should give, count as 0.
    public mutating func add(_ usage: rusage) {
        processCount += 1
        userCPUSeconds += Self.seconds(usage.ru_utime)
        systemCPUSeconds += Self.seconds(usage.ru_stime)
        maxRSSBytes = max(maxRSSBytes, saturatingProduct(Int64(usage.ru_maxrss), 1024))
        ioReadBytes = saturatingSum(ioReadBytes, saturatingProduct(Int64(usage.ru_inblock), 512))
        ioWriteBytes = saturatingSum(ioWriteBytes, saturatingProduct(Int64(usage.ru_oublock), 512))
        voluntaryContextSwitches = saturatingSum(voluntaryContextSwitches, max(0, Int64(usage.ru_nvcsw)))
        involuntaryContextSwitches = saturatingSum(involuntaryContextSwitches, max(0, Int64(usage.ru_nivcsw)))
    }

    private static func seconds(_ time: timeval) -> Double {
        max(0, Double(time.tv_sec) + Double(time.tv_usec) / 1e6)
    }
}
