import Builds

/// Everything read about a step, before it is judged. From here on there is only arithmetic.
struct StepEvidence: Sendable {
    /// Where memory was accounted for.
    enum Account: Sendable {
        /// The step's own cgroup and its high-water mark, `nil` for v2 before Linux 5.19.
        case own(CgroupVersion, markBytes: Int64?)
        /// A cgroup that held only the wrapper, its ancestors and the step, whose mark was set during the step.
        case shared(markBytes: Int64)
        /// No cgroup tells.
        case none
    }

    var wallSeconds = 0.0
    var reaped = ReapedUsage()
    var survivors = SurvivorUsage()
    /// The wrapper's own high-water mark of its resident set when it spawned the command.
    var wrapperPeakRSSBytes: Int64 = 0
    var account = Account.none
    var peaks = Sampler.Peaks()
    var cgroupCPUTime: CgroupCPUTime?
    var cgroupIO: CgroupV2.IOStat?
    var oomKills: Int64?
    var throttledSeconds: Double?
    var pressureSeconds: [Pressure.Resource: Double] = [:]

    var usage: Usage {
        var usage = Usage()
        usage.wallSeconds = wallSeconds
        (usage.userCPUSeconds, usage.systemCPUSeconds) = cpuSeconds
        fillMemory(&usage)
        usage.ioReadBytes = max(saturatingSum(reaped.ioReadBytes, survivors.ioReadBytes), cgroupIO?.readBytes ?? 0)
        usage.ioWriteBytes = max(saturatingSum(reaped.ioWriteBytes, survivors.ioWriteBytes), cgroupIO?.writeBytes ?? 0)
        usage.voluntaryContextSwitches = reaped.voluntaryContextSwitches
        usage.involuntaryContextSwitches = reaped.involuntaryContextSwitches
        usage.throttledSeconds = throttledSeconds
        usage.cpuPressureSeconds = pressureSeconds[.cpu]
        usage.memoryPressureSeconds = pressureSeconds[.memory]
        usage.ioPressureSeconds = pressureSeconds[.io]
        usage.oomKills = oomKills
        return usage
    }

    /// The larger of two sums that both err downwards only: reaped and living processes miss those whose parent ignores
    /// `SIGCHLD`; the cgroup misses those that moved elsewhere.
    private var cpuSeconds: (user: Double, system: Double) {
        let user = reaped.userCPUSeconds + survivors.userCPUSeconds
        let system = reaped.systemCPUSeconds + survivors.systemCPUSeconds
        guard let cgroup = cgroupCPUTime, cgroup.totalSeconds > user + system else { return (user, system) }
        if let cgroupUser = cgroup.userSeconds, let cgroupSystem = cgroup.systemSeconds {
            return (cgroupUser, cgroupSystem)
        }
        let userShare = user + system > 0 ? user / (user + system) : 1
        return (cgroup.totalSeconds * userShare, cgroup.totalSeconds * (1 - userShare))
    }

    /// Resident pages are counted per CPU and summed up now and then; readings of one value differ by less than this.
    private static let residentCountErrorBytes: Int64 = 1 << 20

    /// The largest `ru_maxrss`, when it says something about the step.
    ///
    /// On `execve` the kernel carries the high-water mark of the *old* image over into the child's `ru_maxrss`, and the
    /// old image of a spawned command is the wrapper's. So `ru_maxrss` is the larger of the two, and tells nothing
    /// about processes smaller than the wrapper.
    private var tellingMaxRSSBytes: Int64? {
        let isHidden = reaped.maxRSSBytes <= saturatingSum(wrapperPeakRSSBytes, Self.residentCountErrorBytes)
        return isHidden ? nil : reaped.maxRSSBytes
    }

    /// The largest single process: exact where it outgrew the wrapper or is still alive, else the largest mark sampled.
    private var peakRSSBytes: Int64? {
        let sampled = max(peaks.tree.processPeakRSSBytes, survivors.peakRSSBytes)
        if let telling = tellingMaxRSSBytes { return max(telling, sampled) }
        return sampled > 0 ? sampled : nil
    }

    private func fillMemory(_ usage: inout Usage) {
        usage.peakRSSBytes = peakRSSBytes
        switch account {
        case .own(let version, let mark):
            usage.memorySource = version == .v1 ? .cgroupV1 : .cgroupV2
            usage.peakMemoryBytes = mark ?? (peaks.cgroup.sampleCount > 0 ? peaks.cgroup.currentBytes : nil)
            usage.unreclaimablePeakBytes = peaks.cgroup.unreclaimablePeakBytes(markBytes: mark)
        case .shared(let mark):
            usage.memorySource = .sharedCgroup
            usage.peakMemoryBytes = mark
            usage.unreclaimablePeakBytes = peaks.cgroup.unreclaimablePeakBytes(markBytes: mark)
        case .none:
            fillSampledMemory(&usage)
        }
    }

    private func fillSampledMemory(_ usage: inout Usage) {
        let tree = peaks.tree
        if tree.sampleCount > 0 {
            usage.memorySource = tree.pssBytes == nil ? .sampledRSS : .sampledPSS
            usage.peakMemoryBytes = tree.pssBytes ?? tree.rssBytes
            usage.unreclaimablePeakBytes = tree.unreclaimableBytes
        }
        // One process known exactly may have been larger than all of them together in any sample: it came and went
        // between two. Its file pages at that time are not known; the most ever seen in one process stand in.
        guard let telling = tellingMaxRSSBytes, telling > usage.peakMemoryBytes ?? 0 else { return }
        usage.memorySource = .largestProcess
        guard tree.sampleCount > 0 else { return }
        usage.peakMemoryBytes = telling
        usage.unreclaimablePeakBytes = max(tree.unreclaimableBytes, telling - min(telling, tree.processFileBytes))
    }
}
