/// The CPU quota of one cgroup: `cpu.max` (v2) or `cpu.cfs_quota_us` over `cpu.cfs_period_us` (v1).
public enum CgroupCPUQuota {
    /// The kernel's own period. Longer ones throttle in longer pauses, shorter ones cost more.
    static let periodMicroseconds = 100_000

    /// Millicores the cgroup may use; `nil` when it has no quota.
    public static func millicores(_ directory: CgroupDirectory) -> Int? {
        switch directory.version {
        case .v1:
            millicores(
                quota: directory.number("cpu.cfs_quota_us"), period: directory.number("cpu.cfs_period_us"))
        case .v2:
            directory.text("cpu.max").flatMap(millicores(cpuMax:))
        }
    }

    /// `max 100000` or `150000 100000`.
    static func millicores(cpuMax text: KernelText) -> Int? {
        let fields = text.bytes[...].fields
        guard fields.count == 2 else { return nil }
        return millicores(quota: fields[0].number, period: fields[1].number)
    }

    /// v1 writes -1 for no quota. At least 1, as a quota of next to nothing is still not "none".
    private static func millicores(quota: Int64?, period: Int64?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, Int(saturatingProduct(quota, 1000) / period))
    }

    /// Gives the cgroup at most `millicores`.
    static func set(millicores: Int, of directory: CgroupDirectory) throws(KernelFileError) {
        // The kernel refuses quotas below 1 ms.
        let quota = max(1000, Int(saturatingProduct(Int64(millicores), Int64(periodMicroseconds)) / 1000))
        switch directory.version {
        case .v1:
            try directory.write("\(periodMicroseconds)", to: "cpu.cfs_period_us")
            try directory.write("\(quota)", to: "cpu.cfs_quota_us")
        case .v2:
            try directory.write("\(quota) \(periodMicroseconds)", to: "cpu.max")
        }
    }
}
