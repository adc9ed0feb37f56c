/// The CPU time and memory this process could use if nobody else wanted any: what `-j` should be sized by.
public struct NodeCapacity: Hashable, Sendable {
    /// The CPUs the process may run on, or less where a quota on the path of cgroups allows less.
    public var cpuMillicores: Int
    /// Memory of the node, or less where a limit on the path of cgroups allows less; `nil` when neither can be read.
    public var memoryBytes: Int64?
    /// The smallest memory limit on the path of cgroups: what somebody decided this process gets. `nil` for none.
    public var memoryLimitBytes: Int64?

    public init(cpuMillicores: Int, memoryBytes: Int64?, memoryLimitBytes: Int64? = nil) {
        self.cpuMillicores = cpuMillicores
        self.memoryBytes = memoryBytes
        self.memoryLimitBytes = memoryLimitBytes
    }

    /// Reads affinity, quotas and limits. Where not even the affinity can be read, one CPU is assumed: there is one, as
    /// this code runs.
    public static func current(_ roots: KernelRoots = KernelRoots()) -> NodeCapacity {
        let layout = CgroupLayout.locate(roots)
        let cpus = allowedCPUs(roots) ?? KernelStat.read(roots).map { max(1, $0.perCPU.count) } ?? 1
        let quota = (layout.cpu?.selfAndAncestors ?? []).compactMap(CgroupCPUQuota.millicores).min()
        let limit = (layout.memory?.selfAndAncestors ?? []).compactMap(CgroupMemory.limitBytes).min()
        return NodeCapacity(
            cpuMillicores: min(cpus * 1000, quota ?? .max),
            memoryBytes: [MemInfo.read(roots)?.totalBytes, limit].compactMap(\.self).min(), memoryLimitBytes: limit)
    }

    /// `Cpus_allowed_list` of `/proc/self/status`: affinity and cpusets together.
    private static func allowedCPUs(_ roots: KernelRoots) -> Int? {
        guard let text = try? KernelText(path: roots.procfs + "/self/status") else { return nil }
        let key = "Cpus_allowed_list:"
        guard let line = text.lines.first(where: { $0.starts(with: key.utf8) }) else { return nil }
        return line.dropFirst(key.utf8.count).fields.first.flatMap(CPUList.count)
    }
}
