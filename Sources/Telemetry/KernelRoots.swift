/// Where the kernel's file systems are mounted. Tests point these at recorded trees; an agent in a container points
/// them at the host's (`/host/proc`, `/host/sys`).
public struct KernelRoots: Hashable, Sendable {
    /// The proc file system.
    public var procfs: String
    /// The sysfs. Cgroup mount points below `/sys` in the mount table are read below this path instead.
    public var sysfs: String

    public init(procfs: String = "/proc", sysfs: String = "/sys") {
        self.procfs = procfs
        self.sysfs = sysfs
    }

    /// The path here of a mount point as the mount table names it.
    func path(ofMountPoint mountPoint: String) -> String {
        guard mountPoint == "/sys" || mountPoint.hasPrefix("/sys/") else { return mountPoint }
        return sysfs + mountPoint.dropFirst("/sys".count)
    }
}
