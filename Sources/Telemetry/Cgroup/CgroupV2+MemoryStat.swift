extension CgroupV2 {
    /// `memory.stat`: what the memory is used for, children included.
    public struct MemoryStat: Hashable, Sendable {
        /// Anonymous memory.
        public var anonymousBytes: Int64
        /// tmpfs and shared memory: part of `file`, though nothing of it can be dropped.
        public var sharedMemoryBytes: Int64
        /// Kernel memory and socket buffers without the caches the kernel can shrink.
        public var unreclaimableKernelBytes: Int64
        /// Page cache without shared memory, and kernel caches that can be shrunk (directory entries, inodes).
        public var reclaimableBytes: Int64

        /// `nil` when `anon` or `file`, which every kernel gives, is not there.
        public init?(_ text: KernelText) {
            let values = text.flatKeyed
            guard let anonymous = values["anon"], let file = values["file"] else { return nil }
            let shrinkable = values["slab_reclaimable"] ?? 0
            anonymousBytes = anonymous
            sharedMemoryBytes = values["shmem"] ?? 0
            let kernel: Int64
            if let all = values["kernel"] {
                kernel = max(0, all - shrinkable)
            } else {
                // `kernel` came with Linux 5.18; these are its parts.
                kernel = ["kernel_stack", "pagetables", "percpu", "slab_unreclaimable"].reduce(0) {
                    saturatingSum($0, values[$1] ?? 0)
                }
            }
            unreclaimableKernelBytes = saturatingSum(kernel, values["sock"] ?? 0)
            reclaimableBytes = saturatingSum(max(0, file - sharedMemoryBytes), shrinkable)
        }
    }
}
