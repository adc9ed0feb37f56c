import Glibc

/// The descendants of a process.
///
/// The wrapper is a child subreaper (`PR_SET_CHILD_SUBREAPER`), so orphans are re-parented to it and stay descendants:
/// a daemon that forks twice does not escape.
public struct ProcessTree: Sendable {
    let roots: KernelRoots
    let rootProcessID: Int32
    /// Whether the kernel lists children by thread (`CONFIG_PROC_CHILDREN`). Without it every process of the node is
    /// read for its parent.
    let hasChildrenFiles: Bool

    public init(rootProcessID: Int32, roots: KernelRoots = KernelRoots()) {
        self.roots = roots
        self.rootProcessID = rootProcessID
        hasChildrenFiles =
            access("\(roots.procfs)/\(rootProcessID)/task/\(rootProcessID)/children", F_OK) == 0
    }

    /// Process IDs of all descendants, the root itself excluded, parents before children. Processes that come or go
    /// during the walk may or may not be in it.
    public func descendants() -> [Int32] {
        hasChildrenFiles ? byChildrenFiles() : byParents()
    }

    private func byChildrenFiles() -> [Int32] {
        var found: [Int32] = []
        var seen: Set<Int32> = [rootProcessID]
        var next = 0
        var process = rootProcessID
        while true {
            for thread in Self.numericEntries("\(roots.procfs)/\(process)/task") {
                guard let text = try? KernelText(path: "\(roots.procfs)/\(process)/task/\(thread)/children") else {
                    continue
                }
                for child in text.bytes[...].fields.compactMap({ $0.number.flatMap(Int32.init(exactly:)) })
                where seen.insert(child).inserted {
                    found.append(child)
                }
            }
            guard next < found.count else { return found }
            process = found[next]
            next += 1
        }
    }

    private func byParents() -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for process in Self.numericEntries(roots.procfs) {
            if let stat = ProcessStat.read(process, roots) { children[stat.parentID, default: []].append(process) }
        }
        var found: [Int32] = []
        var seen: Set<Int32> = [rootProcessID]
        var process = rootProcessID
        var next = 0
        while true {
            found += (children[process] ?? []).filter { seen.insert($0).inserted }
            guard next < found.count else { return found }
            process = found[next]
            next += 1
        }
    }

    /// The process, its parent, and so on, as far as this PID namespace shows.
    func ancestorsAndSelf() -> Set<Int32> {
        var result: Set<Int32> = []
        var process = rootProcessID
        while process > 0, result.insert(process).inserted, let stat = ProcessStat.read(process, roots) {
            process = stat.parentID
        }
        return result
    }

    /// The entries of a directory that are numbers: processes of `/proc`, threads of `task`.
    private static func numericEntries(_ path: String) -> [Int32] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [Int32] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                // `d_name` ends with a NUL within its 256 bytes.
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let number = Int32(name) { entries.append(number) }
        }
        return entries
    }
}
