import Glibc
import Synchronization

/// A thread that samples a step's memory from its beginning to its end.
final class Sampler: Sendable {
    /// What is sampled.
    enum Subject: Sendable {
        /// The step's own cgroup.
        case own(CgroupDirectory)
        /// The wrapper's descendants, and the cgroup they share with the wrapper where that tells something.
        case tree(shared: CgroupDirectory?)
    }

    struct Peaks: Sendable {
        var cgroup = CgroupMemoryPeaks()
        var tree = TreeMemoryPeaks()
        /// The last sample's memory that cannot be reclaimed.
        var latestUnreclaimableBytes: Int64?
    }

    private struct State: Sendable {
        var subject: Subject?
        var beganAt: Double = 0
        var isStopped = false
        var peaks = Peaks()
    }

    private let roots: KernelRoots
    private let tree: ProcessTree
    private let schedule: SamplingSchedule
    private let state = Mutex(State())
    private let wakePipe: WakePipe
    private let thread = Mutex<pthread_t?>(nil)
    /// The wrapper's own high-water mark: smaller processes hide behind it in `ru_maxrss`; see ``StepMeter``.
    private let wrapperPeakRSSBytes: Int64

    /// Starts the thread, which waits for ``begin(_:)``. `nil` when there is none to be had.
    init?(tree: ProcessTree, schedule: SamplingSchedule, wrapperPeakRSSBytes: Int64) {
        guard let wakePipe = WakePipe() else { return nil }
        self.wakePipe = wakePipe
        self.tree = tree
        self.schedule = schedule
        self.wrapperPeakRSSBytes = wrapperPeakRSSBytes
        roots = tree.roots
        guard startThread() else { return nil }
    }

    var peaks: Peaks { state.withLock(\.peaks) }

    /// Samples from now on.
    func begin(_ subject: Subject) {
        state.withLock {
            $0.subject = subject
            $0.beganAt = monotonicSeconds()
        }
        wakePipe.wake()
    }

    /// Ends the thread, takes a last sample on the calling thread and returns what was seen. A second call takes no
    /// sample.
    func stop() -> Peaks {
        state.withLock { $0.isStopped = true }
        wakePipe.wake()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running {
            pthread_join(running, nil)
            sampleOnce()
        }
        return peaks
    }

    private func startThread() -> Bool {
        guard let started = QuietThread.start({ self.run() }) else { return false }
        thread.withLock { $0 = started }
        return true
    }

    private func run() {
        var totalCost = 0.0
        while true {
            let (hasSubject, beganAt, isStopped) = state.withLock { ($0.subject != nil, $0.beganAt, $0.isStopped) }
            if isStopped { return }
            guard hasSubject else {
                wakePipe.wait(seconds: nil)
                continue
            }
            let before = threadCPUSeconds()
            sampleOnce()
            let cost = threadCPUSeconds() - before
            totalCost += cost
            wakePipe.wait(
                seconds: schedule.interval(
                    age: monotonicSeconds() - beganAt, lastCost: cost, totalCost: totalCost))
        }
    }

    /// Reads outside the lock, then merges: ``peaks`` never waits for the kernel.
    private func sampleOnce() {
        let (subject, peaks) = state.withLock { ($0.subject, $0.peaks) }
        var next = peaks
        switch subject {
        case nil: return
        case .own(let directory):
            if let memory = CgroupMemory.read(directory) {
                next.cgroup.add(memory)
                next.latestUnreclaimableBytes = memory.unreclaimableBytes
            }
            // Once a process has outgrown the wrapper, `ru_maxrss` tells all there is to know.
            if next.tree.processPeakRSSBytes <= wrapperPeakRSSBytes {
                next.tree.sampleMarks((try? directory.processes()) ?? [], roots)
            }
        case .tree(let shared):
            next.tree.sample(tree.descendants(), roots)
            next.latestUnreclaimableBytes = next.tree.currentUnreclaimableBytes
            if let shared, let memory = CgroupMemory.read(shared) { next.cgroup.add(memory) }
        }
        state.withLock { $0.peaks = next }
    }
}

/// CPU seconds of the calling thread.
private func threadCPUSeconds() -> Double { seconds(on: CLOCK_THREAD_CPUTIME_ID) }
