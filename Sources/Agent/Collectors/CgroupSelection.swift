import Glibc
import Telemetry

/// Which cgroups of the node are shown.
///
/// A cgroup is a series for each metric, and a build, a pod or a session makes and removes one: showing all would fill
/// Prometheus with names that never come back. So there are at most ``limit`` of them, chosen by rules:
///
/// 1. the agent's own cgroup and those above it, but for the root, which is the whole machine;
/// 2. slices and other lasting folders at the top: `*.slice`, `kubepods`, `docker`, …;
/// 3. Kubernetes' classes of service in `kubepods`, but no pod;
/// 4. those that are configured.
///
/// A path with an identifier in it, such as a pod's or a container's, is left out unless it is configured.
struct CgroupSelection: Hashable, Sendable {
    static let limit = 16
    /// Deepest path shown: `/kubepods.slice/kubepods-burstable.slice` has two parts.
    private static let limitDepth = 4
    /// Folders looked at in one place.
    private static let limitFolders = 1024

    /// Paths below the top of the hierarchies, in order; `/` is the top itself where that is a container's cgroup.
    var paths: [String]

    init(_ layout: CgroupLayout, configured: [String]) {
        let own = (layout.v1 + [layout.unified].compactMap(\.self))
        var candidates: [String] = []
        for directory in own where directory.isExact || directory.path == directory.top {
            for ancestor in directory.selfAndAncestors where !ancestor.isHierarchyRoot {
                candidates.append(Self.path(ancestor))
            }
        }
        for top in Set(own.filter(Self.isAccounting).map(\.top)).sorted() {
            for name in FolderNames.folders(in: top, limit: Self.limitFolders) where Self.isLasting(name) {
                candidates.append("/" + name)
                guard name == "kubepods" || name == "kubepods.slice" else { continue }
                for service in FolderNames.folders(in: "\(top)/\(name)", limit: Self.limitFolders)
                where Self.isClassOfService(service) {
                    candidates.append("/\(name)/\(service)")
                }
            }
        }
        let found = Set(candidates).filter { path in
            let parts = path.split(separator: "/")
            return parts.count <= Self.limitDepth && !parts.contains(where: Self.isIdentifier)
        }
        let asked = configured.prefix(Self.limit).map(Self.normal)
        // What was asked for is never crowded out by what was found.
        let free = max(0, Self.limit - Set(asked).count)
        paths = (Set(asked).union(found.subtracting(asked).sorted().prefix(free))).sorted()
    }

    private static func path(_ directory: CgroupDirectory) -> String {
        directory.path == directory.top ? "/" : String(directory.path.dropFirst(directory.top.count))
    }

    /// With one slash in front and none at the end; parts that climb are left out.
    private static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != ".." && $0 != "." }.joined(separator: "/")
    }

    private static func isAccounting(_ directory: CgroupDirectory) -> Bool {
        directory.version == .v2
            || !Set(directory.controllers).isDisjoint(with: ["memory", "cpu", "cpuacct", "blkio"])
    }

    private static let lasting: Set<String> = [
        "init.scope", "kubepods", "docker", "podman", "machine", "system", "user", "lxc", "garden", "buildkit",
        "containerd", "crio", "actions_job",
    ]

    private static func isLasting(_ name: String) -> Bool { name.hasSuffix(".slice") || lasting.contains(name) }

    private static func isClassOfService(_ name: String) -> Bool {
        ["burstable", "besteffort", "guaranteed", "kubepods-burstable.slice", "kubepods-besteffort.slice"]
            .contains(name)
    }

    /// Eight digits of a hexadecimal number in a row, one of them no letter, or five of a decimal one: a hash, the
    /// start of a UUID, a process ID, a date.
    static func isIdentifier(_ part: Substring) -> Bool {
        var hexadecimal = 0
        var decimal = 0
        var hasDigit = false
        for byte in part.utf8 {
            let isDigit = (0x30...0x39).contains(byte)
            decimal = isDigit ? decimal + 1 : 0
            if isDigit || (0x61...0x66).contains(byte) {
                hexadecimal += 1
                hasDigit = hasDigit || isDigit
            } else {
                hexadecimal = 0
                hasDigit = false
            }
            if decimal >= 5 || hexadecimal >= 8 && hasDigit { return true }
        }
        return false
    }
}
