import Telemetry

/// Finds the cgroups of the node's pods.
///
/// The kubelet makes one for each pod below a directory called `kubepods`, in every hierarchy at the same place.
struct PodCgroups {
    /// The hierarchies' topmost directories, by what they account for.
    private var memoryTop: CgroupDirectory?
    private var cpuTimeTop: CgroupDirectory?
    private var quotaTop: CgroupDirectory?
    private var unifiedTop: CgroupDirectory?

    /// `kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/…pod….slice` is as deep as it gets.
    private static let deepest = 5
    private static let mostPods = 1024

    init(_ roots: KernelRoots) {
        let layout = CgroupLayout.locate(roots)
        func top(_ directory: CgroupDirectory?) -> CgroupDirectory? {
            guard var directory else { return nil }
            directory.path = directory.top
            return directory
        }
        func v1(_ controller: String) -> CgroupDirectory? {
            top(layout.v1.first { $0.controllers.contains(controller) })
        }
        unifiedTop = top(layout.unified)
        memoryTop = v1("memory") ?? unifiedTop
        cpuTimeTop = v1("cpuacct") ?? unifiedTop
        quotaTop = v1("cpu") ?? unifiedTop
    }

    /// The pods there are, by UID, with the path of each below the top.
    func paths() -> [String: String] {
        guard let top = memoryTop else { return [:] }
        var found: [String: String] = [:]
        Self.search(top, below: "", depth: 0, &found)
        return found
    }

    func places(_ path: String) -> CgroupAccount.Places {
        func place(_ top: CgroupDirectory?) -> CgroupDirectory? {
            guard var directory = top else { return nil }
            directory.path += path
            return directory.has("cgroup.procs") ? directory : nil
        }
        return CgroupAccount.Places(
            memory: place(memoryTop), cpuTime: place(cpuTimeTop), quota: place(quotaTop), unified: place(unifiedTop))
    }

    private static func search(
        _ directory: CgroupDirectory, below path: String, depth: Int, _ found: inout [String: String]
    ) {
        for name in directory.childNames() where found.count < mostPods {
            let child = path + "/" + name
            if let uid = PodCgroupPath.podUID(inName: name) {
                found[uid] = child
            } else if depth < deepest, isOnTheWay(name, depth) {
                search(directory.child(name), below: child, depth: depth + 1, &found)
            }
        }
    }

    private static func isOnTheWay(_ name: String, _ depth: Int) -> Bool {
        name.contains("kubepods") || name.hasPrefix("kubelet")
            || depth > 0 && ["burstable", "besteffort"].contains(name)
    }
}
