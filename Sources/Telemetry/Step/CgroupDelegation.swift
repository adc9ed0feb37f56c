/// The wrapper's own v2 cgroup, turned from a leaf into an inner node for the time of a step.
///
/// A v2 cgroup with processes cannot have controllers below it. When all of its processes are the wrapper, its
/// ancestors and its descendants, they are moved into a leaf made for them, controllers are enabled, and the step gets
/// its own cgroup beside that leaf, still under every limit of the cgroup they share. ``undo()`` puts everything back.
struct CgroupDelegation: Sendable {
    let own: CgroupDirectory
    /// Where the wrapper lives meanwhile.
    let leaf: CgroupDirectory
    /// What was enabled here and was not before.
    let enabled: [String]

    private static let prefix = "inframind-wrapper-"

    /// `nil` when the cgroup is not ours alone, or may not be written.
    static func make(_ own: CgroupDirectory, _ tree: ProcessTree, controllers: [String]) -> CgroupDelegation? {
        let available = own.words("cgroup.controllers")
        let before = own.words("cgroup.subtree_control")
        guard available.contains("memory"), isOursAlone(own, tree) else { return nil }
        let leaf = own.child(prefix + String(tree.rootProcessID))
        guard (try? leaf.make()) != nil else { return nil }
        let missing = controllers.filter { available.contains($0) && !before.contains($0) }
        let delegation = CgroupDelegation(own: own, leaf: leaf, enabled: missing)
        move(from: own, to: leaf)
        guard enable(controllers, in: own) else {
            delegation.undo()
            return nil
        }
        return delegation
    }

    /// Disables what was enabled, as processes may return only then, and moves them back.
    func undo() {
        for controller in enabled { try? own.write("-" + controller, to: "cgroup.subtree_control") }
        _ = StepCgroup.remove(leaf, movingTo: own)
    }

    /// Enables controllers for the children of `directory`; true when `memory`, the one that matters, is on.
    static func enable(_ controllers: [String], in directory: CgroupDirectory) -> Bool {
        for controller in controllers where !directory.words("cgroup.subtree_control").contains(controller) {
            try? directory.write("+" + controller, to: "cgroup.subtree_control")
        }
        return directory.words("cgroup.subtree_control").contains("memory")
    }

    /// True when the cgroup holds the wrapper, its ancestors and its descendants, and nobody else.
    static func isOursAlone(_ directory: CgroupDirectory, _ tree: ProcessTree) -> Bool {
        guard let processes = try? directory.processes() else { return false }
        let ours = tree.ancestorsAndSelf().union(tree.descendants())
        return processes.allSatisfy(ours.contains)
    }

    /// The first file that limits this cgroup, and what it says: a step moved beside it would run without.
    static func firstLimit(of directory: CgroupDirectory) -> String? {
        for file in ["memory.max", "memory.high", "memory.swap.max", "cpu.max", "pids.max"] {
            let words = directory.words(file)
            if let first = words.first, first != "max" { return "\(file): \(words.joined(separator: " "))" }
        }
        for file in ["io.max", "cpuset.cpus", "cpuset.mems"] {
            let words = directory.words(file)
            if !words.isEmpty { return "\(file): \(words.joined(separator: " "))" }
        }
        return nil
    }

    private static func move(from source: CgroupDirectory, to target: CgroupDirectory) {
        for process in (try? source.processes()) ?? [] where process > 0 {
            try? target.write("\(process)", to: "cgroup.procs")
        }
    }
}
