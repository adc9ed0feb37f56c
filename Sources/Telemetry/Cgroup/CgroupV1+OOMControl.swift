extension CgroupV1 {
    /// `oom_kill` of `memory.oom_control`: processes of this very cgroup the kernel killed for memory, whichever limit
    /// above was hit. `nil` before Linux 4.13.
    public static func oomKills(_ directory: CgroupDirectory) -> Int64? {
        directory.text("memory.oom_control")?.flatKeyed["oom_kill"]
    }
}
