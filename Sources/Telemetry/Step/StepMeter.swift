import Builds
import Glibc
import Synchronization

/// The measurement of one step, from before its command is spawned to after its last process is reaped.
///
/// ```swift
/// let meter = StepMeter.start()
/// meter.enter()
/// // make the process, once, on this thread
/// meter.leave()
/// // wait4 until there are no children left, adding each rusage to `reaped`
/// let usage = meter.finish(reaped)
/// ```
///
/// Nothing here throws: a measurement that fails leaves its field `nil` and a sentence in ``notes``.
///
/// Each number comes from the best source there is:
/// - CPU time: `wait4` of every process plus `/proc/PID/stat` of survivors, or the step's cgroup if that says more.
/// - Peak memory: the high-water mark of the step's own cgroup; of the container's, when nobody else is in it; the
///   sampled sum of proportional, else resident, set sizes over the process tree; the largest process.
/// - Unreclaimable peak: the same accounts, sampled and bounded by the mark; see ``CgroupMemoryPeaks``.
/// - Peak RSS: `ru_maxrss` where it exceeds the wrapper's own, else `VmHWM`, sampled; see ``StepEvidence``.
/// - Storage I/O: `wait4`, which counts it exactly for reaped processes, plus `/proc/PID/io` of survivors; `io.stat` if
///   that says more.
/// - Throttling: `cpu.stat` of each quota on the path.
/// - Pressure: the step's own cgroup only; the node's would be everyone's.
/// - OOM kills: the cgroup's own counter.
public final class StepMeter: Sendable {
    /// What to measure with, and what to enforce.
    public struct Configuration: Sendable {
        public var roots = KernelRoots()
        /// Whether to try for a cgroup of the step's own.
        public var wantsOwnCgroup = true
        /// Memory limit of the step's own cgroup, in bytes; a note says so when it cannot be enforced.
        public var memoryLimitBytes: Int64?
        /// CPU quota of the step's own cgroup, in millicores; likewise.
        public var cpuLimitMillicores: Int?
        /// The process whose descendants are the step.
        public var wrapperProcessID: Int32 = getpid()
        /// Interval between memory samples at the start of a step, and in a long one.
        public var fastestSampleSeconds = 0.005
        public var slowestSampleSeconds = 0.25

        public init() {}
    }

    /// The step as it is now.
    public struct Reading: Hashable, Sendable {
        /// Memory that cannot be reclaimed, at the last sample and at most so far.
        public var unreclaimableBytes: Int64?
        public var peakUnreclaimableBytes: Int64?
        /// Processes killed for memory so far.
        public var oomKills: Int64?
    }

    private struct State: Sendable {
        var startedAt = monotonicSeconds()
        var isInside = false
        var isBornInPlace = false
        var wrapperPeakRSSBytes: Int64 = 0
        var notes: [String] = []
        var usage: Usage?
    }

    private let roots: KernelRoots
    private let tree: ProcessTree
    private let own: StepCgroup?
    private let shared: SharedCgroup
    private let sampler: Sampler?
    private let state: Mutex<State>

    /// Makes the step's cgroup if that can be had, reads the counters that are already running, and starts the sampling
    /// thread.
    public static func start(_ configuration: Configuration = Configuration()) -> StepMeter {
        StepMeter(configuration)
    }

    private init(_ configuration: Configuration) {
        roots = configuration.roots
        tree = ProcessTree(rootProcessID: configuration.wrapperProcessID, roots: roots)
        var state = State()
        let layout = CgroupLayout.locate(roots)
        shared = SharedCgroup(layout, tree)
        (own, state.notes) = Self.makeCgroup(layout, configuration, tree)
        state.wrapperPeakRSSBytes = Self.wrapperPeakRSSBytes(configuration.wrapperProcessID, roots)
        sampler = Sampler(
            tree: tree,
            schedule: SamplingSchedule(
                fastestSeconds: configuration.fastestSampleSeconds,
                slowestSeconds: configuration.slowestSampleSeconds),
            wrapperPeakRSSBytes: state.wrapperPeakRSSBytes)
        if sampler == nil { state.notes.append("memory is not sampled: no thread could be started") }
        self.state = Mutex(state)
    }

    deinit {
        // For a meter that is dropped unfinished: the thread ends, the directories go.
        guard state.withLock({ $0.usage == nil }) else { return }
        _ = sampler?.stop()
        own?.remove()
    }

    /// Sentences on what cannot be measured or enforced here, and why.
    public var notes: [String] { state.withLock(\.notes) }

    /// True when the step has a cgroup of its own.
    public var hasOwnCgroup: Bool { own != nil }

    /// The v2 cgroup a process can be made in, as `clone3` wants it; `nil` where there is none.
    public var birthplace: Int32? { own?.birthplace }

    /// Moves the caller into the step's cgroup: call right before spawning. Time counts from here.
    ///
    /// - Parameter bornInPlace: the process will be made in ``birthplace``. When that fails, call again without.
    public func enter(bornInPlace: Bool = false) {
        let isInside = own?.enter(bornInPlace: bornInPlace) ?? false
        state.withLock {
            $0.startedAt = monotonicSeconds()
            $0.isInside = isInside
            $0.isBornInPlace = bornInPlace
            if own != nil && !isInside { $0.notes.append("the step's cgroup could not be entered") }
        }
    }

    /// Moves the caller back: call right after spawning, on the same thread, whether that succeeded or not. Sampling
    /// starts here; before `execve` the new process would show the wrapper's memory as its own.
    public func leave() {
        let (isInside, bornInPlace) = state.withLock {
            $0.wrapperPeakRSSBytes = max(
                $0.wrapperPeakRSSBytes, Self.wrapperPeakRSSBytes(tree.rootProcessID, roots))
            return ($0.isInside, $0.isBornInPlace)
        }
        if isInside, let own {
            own.leave(bornInPlace: bornInPlace)
            sampler?.begin(.own(own.memory))
        } else {
            sampler?.begin(.tree(shared: shared.wasOursAlone ? shared.memory : nil))
        }
    }

    /// The step now: the last sample and the OOM counter.
    public func reading() -> Reading {
        let isInside = state.withLock(\.isInside)
        let peaks = sampler?.peaks
        let peak = isInside ? peaks?.cgroup.unreclaimableBytes : peaks?.tree.unreclaimableBytes
        return Reading(
            unreclaimableBytes: peaks?.latestUnreclaimableBytes, peakUnreclaimableBytes: peak,
            oomKills: oomKills(isInside))
    }

    /// Ends the measurement: stops sampling at once, reads the final marks, removes the step's cgroup (processes still
    /// in it return to the wrapper's). A second call returns the same.
    ///
    /// - Parameters:
    ///   - reaped: the sum over every `wait4` since ``enter()``.
    ///   - wallSeconds: elapsed time if the caller knows better than ``enter()`` to now.
    /// - Returns: everything but exit code, signal and compiler-cache counts.
    public func finish(_ reaped: ReapedUsage, wallSeconds: Double? = nil) -> Usage {
        let endedAt = monotonicSeconds()
        let before = state.withLock { $0 }
        if let usage = before.usage { return usage }
        var evidence = StepEvidence()
        evidence.wallSeconds = wallSeconds ?? max(0, endedAt - before.startedAt)
        evidence.reaped = reaped
        evidence.wrapperPeakRSSBytes = before.wrapperPeakRSSBytes
        if let sampler { evidence.peaks = sampler.stop() }
        evidence.survivors = SurvivorUsage(of: tree.descendants(), roots)
        evidence.oomKills = oomKills(before.isInside)
        evidence.throttledSeconds = shared.throttledSeconds()
        if before.isInside, let own {
            read(own, into: &evidence)
        } else if shared.wasOursAlone, let memory = shared.memory, CgroupDelegation.isOursAlone(memory, tree),
            let mark = shared.peakBytes()
        {
            evidence.account = .shared(markBytes: mark)
        }
        let isClean = own?.remove() ?? true
        let usage = evidence.usage
        state.withLock {
            $0.usage = usage
            if !isClean { $0.notes.append("the step's cgroup could not be removed: something still lives in it") }
        }
        return usage
    }

    private func read(_ own: StepCgroup, into evidence: inout StepEvidence) {
        evidence.account = .own(own.memory.version, markBytes: CgroupMemory.peakBytes(own.memory))
        evidence.cgroupCPUTime = own.cpuTime.flatMap(CgroupCPUTime.read)
        if let unified = own.unified {
            evidence.cgroupIO = CgroupV2.IOStat.read(unified)
            for resource in Pressure.Resource.allCases {
                evidence.pressureSeconds[resource] = Pressure.read(resource, cgroup: unified.path)?.someSeconds
            }
        }
        if let throttled = own.cpuLimit.flatMap(CgroupThrottling.read)?.throttledSeconds {
            evidence.throttledSeconds = max(throttled, evidence.throttledSeconds ?? 0)
        }
    }

    private func oomKills(_ isInside: Bool) -> Int64? {
        if isInside, let own { return CgroupMemory.oomKills(own.memory) }
        return shared.oomKills()
    }

    private static func makeCgroup(
        _ layout: CgroupLayout, _ configuration: Configuration, _ tree: ProcessTree
    ) -> (StepCgroup?, notes: [String]) {
        let wantsLimits = configuration.memoryLimitBytes != nil || configuration.cpuLimitMillicores != nil
        guard configuration.wantsOwnCgroup else {
            return (nil, wantsLimits ? ["limits are not enforced: the step has no cgroup of its own"] : [])
        }
        do throws(StepCgroupRefusal) {
            let cgroup = try StepCgroup.make(
                layout,
                StepCgroup.Request(
                    memoryLimitBytes: configuration.memoryLimitBytes,
                    cpuLimitMillicores: configuration.cpuLimitMillicores, tree: tree))
            return (cgroup, cgroup.notes)
        } catch {
            let consequence = wantsLimits ? ["limits are not enforced: the step has no cgroup of its own"] : []
            return (nil, [error.description] + consequence)
        }
    }

    private static func wrapperPeakRSSBytes(_ processID: Int32, _ roots: KernelRoots) -> Int64 {
        ProcessStatus.read(processID, roots)?.peakRSSBytes ?? 0
    }
}
