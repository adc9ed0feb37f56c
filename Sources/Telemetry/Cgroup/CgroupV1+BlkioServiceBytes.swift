extension CgroupV1 {
    /// `blkio.throttle.io_service_bytes`: bytes moved to and from block devices. Lines read `8:0 Read 4096`.
    ///
    /// Writes through the page cache are *not* in it: in v1 the kernel flushes them in the root cgroup's name.
    public struct BlkioServiceBytes: Hashable, Sendable {
        public var readBytes: Int64 = 0
        public var writeBytes: Int64 = 0

        public init(_ text: KernelText) {
            for line in text.lines {
                let fields = line.fields
                guard fields.count == 3, let value = fields[2].number else { continue }
                switch fields[1].string {
                case "Read": readBytes = saturatingSum(readBytes, value)
                case "Write": writeBytes = saturatingSum(writeBytes, value)
                default: continue
                }
            }
        }
    }
}
