extension CgroupV1 {
    /// `cpuacct.usage` and its user and system parts: CPU time of every process that was ever in the cgroup.
    public static func cpuTime(_ directory: CgroupDirectory) -> CgroupCPUTime? {
        guard let total = directory.number("cpuacct.usage"), total >= 0 else { return nil }
        var time = CgroupCPUTime(totalSeconds: Double(total) / 1e9)
        if let user = directory.number("cpuacct.usage_user"), let system = directory.number("cpuacct.usage_sys") {
            time.split(user: Double(user), system: Double(system))
        } else if let stat = directory.text("cpuacct.stat")?.flatKeyed, let user = stat["user"],
            let system = stat["system"]
        {
            time.split(user: Double(user), system: Double(system))
        }
        return time
    }
}
