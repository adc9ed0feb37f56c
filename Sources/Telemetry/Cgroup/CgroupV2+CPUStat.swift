extension CgroupV2 {
    /// The usage lines of `cpu.stat`, there in every v2 cgroup whether it has the controller or not.
    public static func cpuTime(_ directory: CgroupDirectory) -> CgroupCPUTime? {
        guard let stat = directory.text("cpu.stat")?.flatKeyed, let total = stat["usage_usec"], total >= 0 else {
            return nil
        }
        var time = CgroupCPUTime(totalSeconds: Double(total) / 1e6)
        if let user = stat["user_usec"], let system = stat["system_usec"] {
            time.split(user: Double(user), system: Double(system))
        }
        return time
    }
}
