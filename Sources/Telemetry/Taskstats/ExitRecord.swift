/// What the kernel says of a task that has just ended (`struct taskstats`, Documentation/accounting/taskstats-struct).
///
/// Every thread gives one. The last thread of a process that ever had several gives one more for the whole process.
public struct ExitRecord: Hashable, Sendable {
    /// The process the task belonged to.
    public var processID: Int32
    /// True for a record that sums up every thread of the process. It tells no parent, no user and no system time.
    public var isWholeProcess: Bool
    /// The process that would reap this one; 0 when it is not told.
    public var parentID: Int32
    /// CPU time as the scheduler counted it, in seconds.
    public var cpuSeconds: Double
    /// The same as the timer ticks found it: good for the proportion of the two, not for the amount.
    public var userSeconds: Double
    public var systemSeconds: Double
    /// High-water mark of the resident set.
    public var peakRSSBytes: Int64
    /// True for the thread that gave the process its ID.
    public var isLeader: Bool

    /// A process of one thread.
    public init(processID: Int32, parentID: Int32, cpuSeconds: Double, peakRSSBytes: Int64) {
        self.processID = processID
        isWholeProcess = false
        self.parentID = parentID
        self.cpuSeconds = cpuSeconds
        userSeconds = cpuSeconds
        systemSeconds = 0
        self.peakRSSBytes = peakRSSBytes
        isLeader = true
    }

    /// Offsets in `struct taskstats`. Fields are only ever added at its end.
    private enum Offset {
        static let version = 0
        static let cpuRunVirtualNanoseconds = 72
        static let processID = 128
        static let parentID = 132
        static let userMicroseconds = 152
        static let systemMicroseconds = 160
        static let peakRSSKibibytes = 200
        static let threadGroupID = 368
        static let end = 376
    }

    /// The version that brought the thread group's ID (Linux 5.19): before it, a thread could not be told from a
    /// process.
    static let oldestVersion = 12

    /// The records of one message of the `TASKSTATS` family; empty for one of any other form or of an older kernel.
    ///
    /// - Parameters:
    ///   - message: one datagram, which holds one netlink message.
    ///   - family: the number the kernel gave the family.
    public static func records(in message: ArraySlice<UInt8>, family: UInt16) -> [ExitRecord] {
        let header = NetlinkMessage.headerBytes + NetlinkMessage.genericHeaderBytes
        guard message.count >= header, message.load(UInt16.self, at: 4) == family else { return [] }
        let length = min(message.count, Int(message.load(UInt32.self, at: 0)))
        guard length >= header else { return [] }
        var records: [ExitRecord] = []
        for aggregate in NetlinkAttributes(message.prefix(length).dropFirst(header)) {
            guard aggregate.type == 4 || aggregate.type == 5 else { continue }  // AGGR_PID, AGGR_TGID
            var id: Int32 = 0
            for part in NetlinkAttributes(aggregate.payload) {
                switch part.type {
                case 1, 2:  // PID, TGID
                    if part.payload.count >= 4 { id = part.payload.load(Int32.self, at: 0) }
                case 3:  // STATS
                    if let record = ExitRecord(part.payload, taskID: id, isWholeProcess: aggregate.type == 5) {
                        records.append(record)
                    }
                default: continue
                }
            }
        }
        return records
    }

    private init?(_ bytes: ArraySlice<UInt8>, taskID: Int32, isWholeProcess: Bool) {
        guard taskID > 0, bytes.count >= Offset.end,
            isWholeProcess || Int(bytes.load(UInt16.self, at: Offset.version)) >= Self.oldestVersion
        else { return nil }
        let group = bytes.load(Int32.self, at: Offset.threadGroupID)
        processID = isWholeProcess || group <= 0 ? taskID : group
        isLeader = !isWholeProcess && processID == taskID
        self.isWholeProcess = isWholeProcess
        parentID = bytes.load(Int32.self, at: Offset.parentID)
        cpuSeconds = Double(bytes.load(UInt64.self, at: Offset.cpuRunVirtualNanoseconds)) / 1e9
        userSeconds = Double(bytes.load(UInt64.self, at: Offset.userMicroseconds)) / 1e6
        systemSeconds = Double(bytes.load(UInt64.self, at: Offset.systemMicroseconds)) / 1e6
        // Kernels built without delay accounting tell ticks alone.
        if cpuSeconds == 0 { cpuSeconds = userSeconds + systemSeconds }
        peakRSSBytes = saturatingProduct(
            Int64(clamping: bytes.load(UInt64.self, at: Offset.peakRSSKibibytes)), 1024)
    }
}
