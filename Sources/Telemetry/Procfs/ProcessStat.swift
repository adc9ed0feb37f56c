/// `/proc/PID/stat`: parentage, start and CPU time of one process.
public struct ProcessStat: Hashable, Sendable {
    public var processID: Int32
    /// The command's name, at most 15 bytes, chosen by the process: it may hold spaces, parentheses and line feeds.
    public var command: String
    /// One letter; `Z` is a zombie: ended, not reaped yet.
    public var state: String
    public var parentID: Int32
    public var userCPUSeconds: Double
    public var systemCPUSeconds: Double
    /// The same of children this process has reaped.
    public var reapedUserCPUSeconds: Double
    public var reapedSystemCPUSeconds: Double
    public var threadCount: Int64
    /// Clock ticks from boot to start. With the process ID it names a process for good: IDs are used again.
    public var startTicks: Int64

    public var isZombie: Bool { state == "Z" }

    public init?(_ text: KernelText, ticksPerSecond: Int = KernelStat.ticksPerSecond) {
        // The name ends at the *last* parenthesis: everything after it is numbers and one letter.
        guard let open = text.bytes.firstIndex(of: UInt8(ascii: "(")),
            let close = text.bytes.lastIndex(of: UInt8(ascii: ")")), open < close,
            let id = text.bytes[..<open].fields.first?.number, let processID = Int32(exactly: id)
        else { return nil }
        let fields = text.bytes[(close + 1)...].fields
        // Field numbers of proc(5) start at 1 with the process ID; the state is field 3, the start time field 22.
        guard fields.count > 22 - 3 else { return nil }
        func number(_ field: Int) -> Int64? { fields[field - 3].number }
        func seconds(_ field: Int) -> Double? { number(field).map { Double(max(0, $0)) / Double(ticksPerSecond) } }
        guard let parent = number(4).flatMap(Int32.init(exactly:)), let user = seconds(14), let system = seconds(15),
            let reapedUser = seconds(16), let reapedSystem = seconds(17), let threads = number(20),
            let start = number(22)
        else { return nil }
        self.processID = processID
        command = text.bytes[(open + 1)..<close].string
        state = fields[0].string
        parentID = parent
        userCPUSeconds = user
        systemCPUSeconds = system
        reapedUserCPUSeconds = reapedUser
        reapedSystemCPUSeconds = reapedSystem
        threadCount = threads
        startTicks = start
    }

    /// `nil` when the process has gone.
    public static func read(_ processID: Int32, _ roots: KernelRoots) -> ProcessStat? {
        (try? KernelText(path: "\(roots.procfs)/\(processID)/stat")).flatMap { ProcessStat($0) }
    }
}
