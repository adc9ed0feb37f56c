/// One reading of a cgroup's memory, the same for both generations.
public struct CgroupMemory: Hashable, Sendable {
    /// Everything charged to the cgroup, page cache included.
    public var currentBytes: Int64
    /// What the kernel cannot drop: anonymous, shared, and kernel memory. Swapped-out pages are not memory and not in
    /// it.
    public var unreclaimableBytes: Int64
    /// What it can drop or write back: file cache and shrinkable kernel caches.
    public var reclaimableBytes: Int64

    /// `nil` where the cgroup does not account for memory, as at the root of a hierarchy.
    public static func read(_ directory: CgroupDirectory) -> CgroupMemory? {
        guard let stat = directory.text("memory.stat") else { return nil }
        switch directory.version {
        case .v1:
            guard let current = directory.number("memory.usage_in_bytes"), let parts = CgroupV1.MemoryStat(stat) else {
                return nil
            }
            // v1 does not tell shrinkable kernel memory from the rest; all of it counts. It is missing with
            // `cgroup.memory=nokmem`.
            let kernel = directory.number("memory.kmem.usage_in_bytes") ?? 0
            return CgroupMemory(
                currentBytes: current,
                unreclaimableBytes: saturatingSum(
                    saturatingSum(parts.anonymousBytes, parts.sharedMemoryBytes), kernel),
                reclaimableBytes: parts.fileCacheBytes)
        case .v2:
            guard let current = directory.number("memory.current"), let parts = CgroupV2.MemoryStat(stat) else {
                return nil
            }
            return CgroupMemory(
                currentBytes: current,
                unreclaimableBytes: saturatingSum(
                    saturatingSum(parts.anonymousBytes, parts.sharedMemoryBytes), parts.unreclaimableKernelBytes),
                reclaimableBytes: parts.reclaimableBytes)
        }
    }

    /// The kernel's high-water mark of ``currentBytes``; `nil` for v2 before Linux 5.19.
    public static func peakBytes(_ directory: CgroupDirectory) -> Int64? {
        directory.number(directory.version == .v1 ? "memory.max_usage_in_bytes" : "memory.peak")
    }

    /// The limit of this very cgroup; `nil` when it has none.
    public static func limitBytes(_ directory: CgroupDirectory) -> Int64? {
        switch directory.version {
        case .v1:
            // "No limit" is the largest multiple of the page size in a signed 64-bit number.
            directory.number("memory.limit_in_bytes").flatMap { $0 < 1 << 62 ? $0 : nil }
        case .v2:
            directory.number("memory.max")  // the word `max` is no number
        }
    }

    static func setLimit(bytes: Int64, of directory: CgroupDirectory) throws(KernelFileError) {
        try directory.write("\(bytes)", to: directory.version == .v1 ? "memory.limit_in_bytes" : "memory.max")
    }

    /// Processes the kernel killed for memory since the cgroup was made.
    public static func oomKills(_ directory: CgroupDirectory) -> Int64? {
        switch directory.version {
        case .v1: CgroupV1.oomKills(directory)
        case .v2: directory.text("memory.events").flatMap { CgroupV2.MemoryEvents($0)?.oomKills }
        }
    }
}
