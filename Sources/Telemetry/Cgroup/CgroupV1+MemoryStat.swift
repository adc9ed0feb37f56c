extension CgroupV1 {
    /// `memory.stat`: what user memory is used for; kernel memory is in `memory.kmem.usage_in_bytes`. The `total_`
    /// lines include children.
    public struct MemoryStat: Hashable, Sendable {
        /// Anonymous memory.
        public var anonymousBytes: Int64
        /// tmpfs and shared memory. In v1 it is part of `cache`, though nothing of it can be dropped.
        public var sharedMemoryBytes: Int64
        /// Page cache that can be dropped: `cache` without shared memory.
        public var fileCacheBytes: Int64

        /// - Parameter text: of `memory.stat`; `nil` when neither `rss` nor `cache` is in it.
        public init?(_ text: KernelText) {
            let values = text.flatKeyed
            func value(_ key: String) -> Int64? { values["total_" + key] ?? values[key] }
            guard let anonymous = value("rss"), let cache = value("cache") else { return nil }
            anonymousBytes = anonymous
            // Kernels before 4.11 have no `shmem` line; the anonymous lists hold it along with the anonymous pages.
            sharedMemoryBytes =
                value("shmem")
                ?? max(0, saturatingSum(value("active_anon") ?? 0, value("inactive_anon") ?? 0) - anonymous)
            fileCacheBytes = max(0, cache - sharedMemoryBytes)
        }
    }
}
