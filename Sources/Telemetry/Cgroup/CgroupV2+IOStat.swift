extension CgroupV2 {
    /// `io.stat`: bytes moved to and from block devices, children included. Lines read
    /// `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0`.
    public struct IOStat: Hashable, Sendable {
        public var readBytes: Int64 = 0
        public var writeBytes: Int64 = 0

        public init(_ text: KernelText) {
            for line in text.lines {
                for field in line.fields.dropFirst() {
                    guard let equals = field.firstIndex(of: UInt8(ascii: "=")),
                        let value = field[field.index(after: equals)...].number
                    else { continue }
                    switch field[..<equals].string {
                    case "rbytes": readBytes = saturatingSum(readBytes, value)
                    case "wbytes": writeBytes = saturatingSum(writeBytes, value)
                    default: continue
                    }
                }
            }
        }

        /// `nil` where the cgroup has no I/O controller.
        public static func read(_ directory: CgroupDirectory) -> IOStat? {
            directory.text("io.stat").map { IOStat($0) }
        }
    }
}
