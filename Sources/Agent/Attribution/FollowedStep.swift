import Builds
import Telemetry

/// One step while it is followed, and until it has been quiet for long enough to be let go.
struct FollowedStep {
    let key: StepKey
    var account = StepAccount()
    /// Cgroups of pods that are labelled for the step, by the pod's UID.
    var pods: [String: CgroupAccount] = [:]
    private(set) var ownCgroup: OwnCgroup = .unknown
    private(set) var memory = TreeMemoryPeaks()
    /// True when `inframind run` measures the step, or the whole run, itself.
    var isWrapped = false
    /// True while something of it lives.
    private(set) var isAlive = true
    private(set) var hasPods = false
    private var firstStartSeconds = Double.infinity
    private var endedAt: Moment
    /// When an early report is due, on the monotonic clock; infinite before the first look.
    private var reportDueSeconds = Double.infinity
    /// True when the step runs and has been running long enough to be told of.
    private(set) var isReportDue = false
    /// True when the step has ended and nobody was told yet.
    private(set) var hasUntoldEnd = false
    /// What the last report said of roots that had ended.
    private var toldOfEnded = CPUSeconds.zero
    /// True when a report of it has been made.
    private(set) var isTold = false
    private var peakRSSBytes: Int64 = 0
    private var io: (read: Int64, write: Int64) = (0, 0)
    private let schedule: SamplingSchedule
    /// Processes in the step's cgroup that were not known as the step's at the last look.
    private var suspects: Set<Int32> = []

    /// A step this old will be there long enough for somebody to want to know that it runs.
    static let firstReportSeconds = 1.5
    /// A step that has no cgroup of its own by then gets none.
    private static let movingSeconds = 2.0
    /// What a shell may have used before it was moved to its cgroup, and ticks of 10 ms on the other side.
    private static let beforeMoveSeconds = 0.05

    /// Whether the step has a cgroup for itself alone.
    enum OwnCgroup {
        case unknown
        case owned(CgroupAccount)
        /// Somebody else is, or was, in it as well.
        case none
    }

    init(_ key: StepKey, at moment: Moment, slowestLookSeconds: Double) {
        self.key = key
        endedAt = moment
        // A tenth of a second is short for a step, and what short steps leave behind is told by exact sources.
        schedule = SamplingSchedule(
            fastestSeconds: min(0.1, slowestLookSeconds), slowestSeconds: slowestLookSeconds)
    }

    /// Seconds until the step wants to be looked at again.
    ///
    /// - Parameters:
    ///   - lastCost: CPU seconds the last look took.
    ///   - totalCost: CPU seconds of all looks since this step began.
    func interval(at moment: Moment, lastCost: Double, totalCost: Double) -> Double {
        let age = moment.bootSeconds - min(firstStartSeconds, moment.bootSeconds)
        return schedule.interval(age: age, lastCost: lastCost, totalCost: totalCost)
    }

    /// Seconds since the last of it was seen; `nil` while it lives.
    func quietSeconds(at moment: Moment) -> Double? {
        isAlive ? nil : moment.monotonicSeconds - endedAt.monotonicSeconds
    }

    /// Takes in a look at its processes.
    mutating func look(_ readings: [ProcessStat], at moment: Moment, _ roots: KernelRoots) {
        for reading in readings {
            firstStartSeconds = min(
                firstStartSeconds, Double(reading.startTicks) / Double(KernelStat.ticksPerSecond))
        }
        let living = readings.filter { !$0.hasEnded }.map(\.processID)
        if !living.isEmpty { memory.sample(living, roots) }
        readIO(roots)
        for uid in Array(pods.keys) { pods[uid]?.look() }
        if case .owned(var cgroup) = ownCgroup {
            cgroup.look()
            ownCgroup = .owned(cgroup)
        }
        let wasAlive = isAlive
        isAlive = !living.isEmpty || pods.values.contains(where: \.isPopulated)
        if isAlive || wasAlive { endedAt = moment }
        if isAlive && (!wasAlive || reportDueSeconds == .infinity) {
            // Each beginning is told of anew: after a last report nobody waits for more.
            let age = wasAlive ? moment.bootSeconds - min(firstStartSeconds, moment.bootSeconds) : 0
            reportDueSeconds = moment.monotonicSeconds + max(0, Self.firstReportSeconds - age)
        } else if isAlive && moment.monotonicSeconds >= reportDueSeconds {
            isReportDue = true
        }
        // A program that came and went between two looks may have left a zombie, or be known from its reaper.
        hasUntoldEnd = !isAlive && (wasAlive || hasUntoldEnd || account.finished != toldOfEnded)
    }

    /// Says that a report was made of the reading at hand.
    ///
    /// - Parameter pauseSeconds: until the next early one.
    mutating func noteReport(at moment: Moment, pauseSeconds: Double) {
        isTold = true
        isReportDue = false
        hasUntoldEnd = false
        toldOfEnded = account.finished
        reportDueSeconds = moment.monotonicSeconds + pauseSeconds
    }

    /// Goes on after it had been let go. The cgroup of its earlier part is gone, and with it the right to its numbers.
    mutating func resume(at moment: Moment) {
        isAlive = true
        reportDueSeconds = moment.monotonicSeconds + Self.firstReportSeconds
        ownCgroup = .none
    }

    /// A larger process than any that was seen may have come and gone.
    mutating func note(peakRSSBytes bytes: Int64) { peakRSSBytes = max(peakRSSBytes, bytes) }

    mutating func follow(pod uid: String, _ account: CgroupAccount, at moment: Moment) {
        pods[uid] = account
        hasPods = true
        isAlive = true
        firstStartSeconds = min(firstStartSeconds, moment.bootSeconds)
    }

    /// Finds out, or checks again, whether the processes have a cgroup for themselves.
    ///
    /// The rule: from the first look at it to the last, every process in the cgroup and below it is the step's. One that
    /// is not, at two looks, ends it for good, as nobody can tell any more whose memory the mark was. Two, because a child
    /// whose parent has just ended looks like a stranger for a moment.
    ///
    /// - Parameter isOurs: whether a process is the step's, though it was not in the last look.
    mutating func checkCgroup(_ roots: KernelRoots, at moment: Moment, isOurs: (Int32) -> Bool) {
        guard !hasPods else { return ownCgroup = .none }
        switch ownCgroup {
        case .none: return
        case .unknown:
            guard let first = account.rootIDs.first else { return }
            let places = CgroupAccount.Places(CgroupLayout.locate(roots, process: String(first)))
            guard !places.all.isEmpty, strangers(in: places, isOurs).isEmpty else {
                // Some are started first and moved to their cgroup then.
                if moment.bootSeconds - firstStartSeconds > Self.movingSeconds { ownCgroup = .none }
                return
            }
            ownCgroup = .owned(CgroupAccount(own: places, used: account.cpu))
        case .owned(let cgroup):
            let found = strangers(in: cgroup.places, isOurs)
            if !found.isDisjoint(with: suspects) { ownCgroup = .none }
            suspects = found
        }
    }

    private func strangers(in places: CgroupAccount.Places, _ isOurs: (Int32) -> Bool) -> Set<Int32> {
        var found: Set<Int32> = []
        for directory in places.all {
            for process in CgroupAccount.processes(below: directory, limit: 16_384) ?? []
            where account.members[process] == nil && !isOurs(process) {
                found.insert(process)
            }
        }
        return found
    }

    private mutating func readIO(_ roots: KernelRoots) {
        // A root's numbers hold those of all it has reaped. Files of other users cannot be read without privileges.
        var now: (read: Int64, write: Int64) = (0, 0)
        for root in account.rootIDs {
            guard let counts = ProcessIO.read(root, roots) else { continue }
            now.read = saturatingSum(now.read, counts.readBytes)
            now.write = saturatingSum(now.write, counts.writeBytes)
        }
        io = (max(io.read, now.read), max(io.write, now.write))
    }

    /// The step as it is to be reported now.
    var reading: StepReading {
        var usage = Usage()
        usage.wallSeconds = max(0, endedAt.bootSeconds - min(firstStartSeconds, endedAt.bootSeconds))
        fillSampledMemory(&usage)
        if io.read > 0 || io.write > 0 { (usage.ioReadBytes, usage.ioWriteBytes) = io }
        var cpu = account.cpu
        var source = account.source ?? .sampled
        if case .owned(let cgroup) = ownCgroup {
            cgroup.fill(&usage)
            // The counter wins when it was read after the end, unless an exact source tells that it misses processes which
            // moved elsewhere. What a reaper gained may be somebody else's.
            if cgroup.isReadable, let counted = cgroup.cpu,
                source >= .parent || counted.total >= cpu.total - Self.beforeMoveSeconds
            {
                (cpu, source) = (counted, .cgroup)
            }
        }
        if hasPods {
            let sum = pods.values.compactMap(\.cpu).reduce(CPUSeconds.zero, +) - account.enclosed
            (cpu, source) = (sum, .cgroup)
            fillPods(&usage)
        }
        usage.userCPUSeconds = cpu.user
        usage.systemCPUSeconds = cpu.system
        return StepReading(key: key, usage: usage, cpuSource: source, time: endedAt.time, isFinal: !isAlive)
    }

    private func fillSampledMemory(_ usage: inout Usage) {
        let largest = max(peakRSSBytes, memory.processPeakRSSBytes)
        usage.peakRSSBytes = largest > 0 ? largest : nil
        if memory.sampleCount > 0 {
            usage.memorySource = memory.pssBytes == nil ? .sampledRSS : .sampledPSS
            usage.peakMemoryBytes = memory.pssBytes ?? memory.rssBytes
            usage.unreclaimablePeakBytes = memory.unreclaimableBytes
        }
        // One process known exactly may have been larger than all together in any look.
        if largest > usage.peakMemoryBytes ?? 0 {
            usage.memorySource = .largestProcess
            usage.peakMemoryBytes = largest
        }
    }

    /// Of one pod its own numbers; of several, sums: their peaks need not have been at the same time, so that the sum of
    /// peaks errs on the safe side.
    private func fillPods(_ usage: inout Usage) {
        let parts = pods.values.map { account in
            var part = Usage()
            account.fill(&part)
            return part
        }
        func sum<Number: AdditiveArithmetic>(_ value: KeyPath<Usage, Number?>) -> Number? {
            let values = parts.compactMap { $0[keyPath: value] }
            return values.isEmpty ? nil : values.reduce(.zero, +)
        }
        if let peak = sum(\.peakMemoryBytes) {
            usage.memorySource = parts.compactMap(\.memorySource).first
            usage.peakMemoryBytes = peak
            usage.unreclaimablePeakBytes = sum(\.unreclaimablePeakBytes)
        }
        usage.oomKills = sum(\.oomKills)
        usage.throttledSeconds = sum(\.throttledSeconds)
        usage.ioReadBytes = sum(\.ioReadBytes) ?? usage.ioReadBytes
        usage.ioWriteBytes = sum(\.ioWriteBytes) ?? usage.ioWriteBytes
        usage.cpuPressureSeconds = sum(\.cpuPressureSeconds)
        usage.memoryPressureSeconds = sum(\.memoryPressureSeconds)
        usage.ioPressureSeconds = sum(\.ioPressureSeconds)
    }
}
