/// `cpu.stat`: how the CPU quota held a cgroup back. Each cgroup counts its own quota only, not those above it.
public struct CgroupThrottling: Hashable, Sendable {
    /// Quota periods that passed, and those in which the cgroup was stopped.
    public var periods: Int64
    public var throttledPeriods: Int64
    /// Seconds spent stopped, summed over CPUs.
    public var throttledSeconds: Double

    /// - Parameter directory: of the hierarchy with the `cpu` controller. `nil` where it has no quota to count.
    public static func read(_ directory: CgroupDirectory) -> CgroupThrottling? {
        directory.text("cpu.stat").flatMap { CgroupThrottling($0, directory.version) }
    }

    init?(_ text: KernelText, _ version: CgroupVersion) {
        let stat = text.flatKeyed
        guard let periods = stat["nr_periods"], let throttled = stat["nr_throttled"] else { return nil }
        let seconds =
            switch version {
            case .v1: stat["throttled_time"].map { Double($0) / 1e9 }
            case .v2: stat["throttled_usec"].map { Double($0) / 1e6 }
            }
        guard let seconds, seconds >= 0 else { return nil }
        self.periods = periods
        throttledPeriods = throttled
        throttledSeconds = seconds
    }
}
