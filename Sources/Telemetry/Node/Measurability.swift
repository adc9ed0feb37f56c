import Glibc

/// What can be measured on this node, how well, and what to do to measure more: the pages of `inframind doctor`.
public struct Measurability: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, Codable {
        /// Measured as well as the kernel can.
        case available
        /// Measured, less exactly.
        case degraded
        /// Not measured.
        case missing
    }

    public struct Item: Hashable, Sendable {
        public var name: String
        public var state: State
        /// What was found, in a sentence without a full stop.
        public var detail: String
        /// What to do to measure more; `nil` when there is nothing to gain.
        public var remedy: String?

        init(_ name: String, _ state: State, _ detail: String, remedy: String? = nil) {
            self.name = name
            self.state = state
            self.detail = detail
            self.remedy = remedy
        }
    }

    public var items: [Item]

    /// Tries everything out: a cgroup is really made, entered by nobody, and removed.
    ///
    /// - Parameter environment: for finding compiler caches.
    public static func report(
        _ roots: KernelRoots = KernelRoots(), environment: [String: String] = [:]
    ) -> Measurability {
        let layout = CgroupLayout.locate(roots)
        return Measurability(items: [
            hierarchy(layout), ownCgroup(layout, roots), memoryMark(layout), oomKills(layout), pressure(roots),
            proportionalMemory(roots), capacity(roots), compilerCache(environment),
        ])
    }

    private static func hierarchy(_ layout: CgroupLayout) -> Item {
        guard let memory = layout.memory else {
            return Item(
                "cgroup", .missing, "no hierarchy accounts for memory (\(layout.kind.rawValue))",
                remedy: "mount cgroup v2 with the memory controller")
        }
        let place = "\(layout.kind.rawValue), memory in \(memory.version.rawValue) at \(memory.path)"
        guard memory.isExact else {
            return Item(
                "cgroup", .degraded, place + ", which stands in for a cgroup that is not mounted here",
                remedy: "give the container its own cgroup namespace (--cgroupns=private)")
        }
        return Item("cgroup", .available, place)
    }

    private static func ownCgroup(_ layout: CgroupLayout, _ roots: KernelRoots) -> Item {
        let tree = ProcessTree(rootProcessID: getpid(), roots: roots)
        do throws(StepCgroupRefusal) {
            try StepCgroup.make(layout, StepCgroup.Request(tree: tree)).remove()
            return Item("own cgroup", .available, "each step can have one: exact peaks, limits, daemons included")
        } catch {
            return Item(
                "own cgroup", .degraded, error.description,
                remedy: "mount the container's cgroup writable, or run the wrapper in a delegated scope: "
                    + "systemd-run --user --scope -p Delegate=yes")
        }
    }

    private static func memoryMark(_ layout: CgroupLayout) -> Item {
        guard let memory = layout.memory, !memory.isHierarchyRoot else {
            return Item("memory high-water mark", .degraded, "this process is in no cgroup with a mark of its own")
        }
        if CgroupMemory.peakBytes(memory) != nil {
            return Item("memory high-water mark", .available, "kept by the kernel for this process's cgroup")
        }
        return Item(
            "memory high-water mark", .degraded, "memory.peak is missing; peaks are sampled",
            remedy: "Linux 5.19 or later keeps it")
    }

    private static func oomKills(_ layout: CgroupLayout) -> Item {
        if layout.memory.flatMap(CgroupMemory.oomKills) != nil {
            return Item("OOM kills", .available, "counted by the kernel for this process's cgroup")
        }
        return Item(
            "OOM kills", .missing, "no counter for this process's cgroup",
            remedy: "run in a cgroup with the memory controller, on Linux 4.13 or later")
    }

    private static func pressure(_ roots: KernelRoots) -> Item {
        let missing = Pressure.Resource.allCases.filter { Pressure.read($0, roots) == nil }
        if missing.isEmpty { return Item("pressure", .available, "stall times of CPU, memory and I/O") }
        return Item(
            "pressure", missing.count == Pressure.Resource.allCases.count ? .missing : .degraded,
            "no stall times of \(missing.map(\.rawValue).joined(separator: ", "))",
            remedy: "add psi=1 to the kernel command line")
    }

    private static func proportionalMemory(_ roots: KernelRoots) -> Item {
        if SmapsRollup.read(getpid(), roots) != nil {
            return Item("proportional memory", .available, "smaps_rollup counts shared pages once")
        }
        return Item(
            "proportional memory", .degraded, "smaps_rollup cannot be read; resident sizes count shared pages twice",
            remedy: "Linux 4.14 or later has it")
    }

    private static func capacity(_ roots: KernelRoots) -> Item {
        let capacity = NodeCapacity.current(roots)
        guard let memory = capacity.memoryBytes else {
            return Item("capacity", .degraded, "\(capacity.cpuMillicores) millicores; memory cannot be read")
        }
        return Item("capacity", .available, "\(capacity.cpuMillicores) millicores, \(memory >> 20) MiB")
    }

    private static func compilerCache(_ environment: [String: String]) -> Item {
        guard let directory = CCacheStatistics.directory(environment: environment) else {
            return Item(
                "compiler cache", .missing, "no ccache directory", remedy: "set CCACHE_DIR if builds use ccache")
        }
        guard let statistics = CCacheStatistics(directory: directory) else {
            return Item("compiler cache", .degraded, "\(directory) holds no statistics yet")
        }
        let counts = statistics.counts
        return Item(
            "compiler cache", .available, "ccache at \(directory): \(counts.hits) hits, \(counts.misses) misses")
    }
}
