/// Where the cgroups of a process are. Found from the mount table and `/proc/self/cgroup`, never assumed:
/// distributions, containers and their nesting each lay them out differently.
public struct CgroupLayout: Hashable, Sendable {
    /// Which generations are mounted.
    public enum Kind: String, Hashable, Sendable {
        case none, v1, v2, hybrid
    }

    /// The process's cgroup in each v1 hierarchy.
    public var v1: [CgroupDirectory] = []
    /// The process's cgroup in the v2 hierarchy.
    public var unified: CgroupDirectory?

    public var kind: Kind {
        switch (v1.isEmpty, unified == nil) {
        case (true, true): .none
        case (false, true): .v1
        case (true, false): .v2
        case (false, false): .hybrid
        }
    }

    /// The cgroup that accounts for, and limits, this process's memory.
    public var memory: CgroupDirectory? { directory(controller: "memory") }
    /// The cgroup that limits this process's CPU time.
    public var cpu: CgroupDirectory? { directory(controller: "cpu") }

    /// The v1 hierarchy with `controller`, else the v2 hierarchy where it has it: a controller is in one of them only.
    public func directory(controller: String) -> CgroupDirectory? {
        if let directory = v1.first(where: { $0.controllers.contains(controller) }) { return directory }
        return unified.flatMap { $0.words("cgroup.controllers").contains(controller) ? $0 : nil }
    }

    /// - Parameter process: whose cgroups: a process ID, or `self`.
    public static func locate(_ roots: KernelRoots, process: String = "self") -> CgroupLayout {
        guard let mounts = MountInfo.read(roots)?.mounts, let own = ProcessCgroup.read(process, roots) else {
            return CgroupLayout()
        }
        var layout = CgroupLayout()
        // In a container that has the node's hierarchy as well, its own part of it shows less and hides the rest.
        let isWholeMounted = mounts.contains { $0.fileSystem == "cgroup2" && $0.root.hasPrefix("/..") }
        let part = isWholeMounted ? mounts.first { $0.fileSystem == "cgroup2" && $0.root == "/" } : nil
        for mount in mounts {
            switch mount.fileSystem {
            case "cgroup2":
                guard var path = own.unifiedPath, mount != part else { continue }
                if let part {
                    let top = roots.path(ofMountPoint: mount.mountPoint)
                    // Below a mount whose root is told as `/`, as that of a node's own process is.
                    var whole = mount
                    if let found = CgroupNamespace.path(path, mount, top: top, own: part.mountPoint) {
                        path = found.isEmpty ? "/" : found
                        whole.root = "/"
                    }
                    layout.unified = directory(.v2, whole, path, roots)
                    continue
                }
                layout.unified = directory(.v2, mount, path, roots)
            case "cgroup":
                guard let membership = own.memberships.first(where: { isCarried($0, by: mount) }) else { continue }
                var directory = directory(.v1, mount, membership.path, roots)
                directory.controllers = membership.controllers
                layout.v1.removeAll { $0.controllers == membership.controllers }
                layout.v1.append(directory)
            default: continue
            }
        }
        return layout
    }

    private static func isCarried(_ membership: ProcessCgroup.Membership, by mount: MountInfo.Mount) -> Bool {
        !membership.controllers.isEmpty && membership.controllers.allSatisfy(mount.superOptions.contains)
    }

    private static func directory(
        _ version: CgroupVersion, _ mount: MountInfo.Mount, _ path: String, _ roots: KernelRoots
    ) -> CgroupDirectory {
        let top = roots.path(ofMountPoint: mount.mountPoint)
        var directory = CgroupDirectory(version: version, path: top, top: top, isReadOnly: mount.isReadOnly)
        guard let below = suffix(of: path, below: mount.root) else {
            directory.isExact = false
            return directory
        }
        directory.path = below.isEmpty ? top : top + below
        if !directory.has("cgroup.procs") {
            directory.path = top
            directory.isExact = false
        }
        return directory
    }

    /// `/b` for `/a/b` below `/a`, empty for the root itself, `nil` for what is not below it or climbs out of it.
    private static func suffix(of path: String, below root: String) -> String? {
        guard !path.split(separator: "/").contains("..") else { return nil }
        let trimmed = path == "/" ? "" : path
        if root == "/" { return trimmed }
        if path == root { return "" }
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count)) : nil
    }
}
