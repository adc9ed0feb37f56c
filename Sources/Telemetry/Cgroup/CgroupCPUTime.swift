/// CPU seconds of a cgroup and everything below it, dead processes included.
public struct CgroupCPUTime: Hashable, Sendable {
    public var totalSeconds: Double
    /// `nil` where the kernel does not tell user from system time.
    public var userSeconds: Double?
    public var systemSeconds: Double?

    init(totalSeconds: Double) { self.totalSeconds = totalSeconds }

    /// Divides the total in proportion. The kernel samples the two parts at ticks and the total exactly, so their sum
    /// need not be the total.
    mutating func split(user: Double, system: Double) {
        guard user >= 0, system >= 0, user + system > 0 else { return }
        userSeconds = totalSeconds * user / (user + system)
        systemSeconds = totalSeconds * system / (user + system)
    }

    /// - Parameter directory: of a v1 hierarchy with `cpuacct`, or of v2.
    public static func read(_ directory: CgroupDirectory) -> CgroupCPUTime? {
        switch directory.version {
        case .v1: CgroupV1.cpuTime(directory)
        case .v2: CgroupV2.cpuTime(directory)
        }
    }
}
