/// The largest memory seen over the samples of a process tree: what is left where no cgroup tells.
///
/// Proportional set sizes add up without counting a shared page twice, but reading them makes the kernel walk page
/// tables under the lock a compiler's page faults need. Resident sizes are cheap and never smaller, so the dear numbers
/// are read only when the cheap ones reach a new height.
public struct TreeMemoryPeaks: Sendable {
    /// Sums over the tree.
    public private(set) var pssBytes: Int64?
    public private(set) var rssBytes: Int64 = 0
    /// Anonymous and shared memory: proportional where the kernel tells, else resident.
    public private(set) var unreclaimableBytes: Int64 = 0
    /// The last sample's anonymous and shared memory, shared pages counted in full.
    private(set) var currentUnreclaimableBytes: Int64 = 0
    /// Of single processes: largest high-water mark of the resident set, and most file pages in it.
    public private(set) var processPeakRSSBytes: Int64 = 0
    private(set) var processFileBytes: Int64 = 0
    /// Samples that saw a process.
    public private(set) var sampleCount = 0
    private var unreclaimableRSSBytes: Int64 = 0

    public init() {}

    /// Takes in the processes as they are now; those that have gone count for nothing.
    public mutating func sample(_ processes: [Int32], _ roots: KernelRoots) {
        var rss: Int64 = 0
        var unreclaimable: Int64 = 0
        var alive: [(id: Int32, status: ProcessStatus)] = []
        for process in processes {
            guard let status = ProcessStatus.read(process, roots) else { continue }
            // Between vfork and exec a process runs on its parent's memory, which must not count twice. The parent is
            // held until then, so all its numbers are the same.
            if alive.contains(where: { $0.id == status.parentID && $0.status.hasMemory(of: status) }) { continue }
            alive.append((process, status))
            rss = saturatingSum(rss, status.rssBytes)
            unreclaimable = saturatingSum(unreclaimable, status.unreclaimableBytes)
            add(status)
        }
        currentUnreclaimableBytes = unreclaimable
        guard !alive.isEmpty else { return }
        sampleCount += 1
        let isNewHeight = rss > rssBytes || unreclaimable > unreclaimableRSSBytes
        rssBytes = max(rssBytes, rss)
        unreclaimableRSSBytes = max(unreclaimableRSSBytes, unreclaimable)
        guard isNewHeight || unreclaimable > unreclaimableBytes else { return }
        addProportional(alive, roots)
    }

    /// Takes only a single process's marks from `processes`.
    mutating func sampleMarks(_ processes: [Int32], _ roots: KernelRoots) {
        for process in processes {
            if let status = ProcessStatus.read(process, roots) { add(status) }
        }
    }

    private mutating func add(_ status: ProcessStatus) {
        processPeakRSSBytes = max(processPeakRSSBytes, status.peakRSSBytes)
        processFileBytes = max(processFileBytes, status.fileBytes ?? 0)
    }

    /// A process whose page tables may not be read, or that has just gone, counts with its resident size.
    private mutating func addProportional(_ alive: [(id: Int32, status: ProcessStatus)], _ roots: KernelRoots) {
        var pss: Int64 = 0
        var unreclaimable: Int64 = 0
        var readCount = 0
        for (process, status) in alive {
            let rollup = SmapsRollup.read(process, roots)
            readCount += rollup == nil ? 0 : 1
            pss = saturatingSum(pss, rollup?.pssBytes ?? status.rssBytes)
            unreclaimable = saturatingSum(
                unreclaimable, rollup?.unreclaimablePSSBytes ?? status.unreclaimableBytes)
        }
        unreclaimableBytes = max(unreclaimableBytes, unreclaimable)
        if readCount > 0 { pssBytes = max(pssBytes ?? 0, pss) }
    }
}
