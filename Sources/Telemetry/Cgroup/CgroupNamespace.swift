import Glibc
import Synchronization

/// The way from a private cgroup namespace to cgroups outside of it.
///
/// In a container that has the node's hierarchy mounted, the kernel tells every path relative to the container's own
/// cgroup: `/../../jobs.slice` is two up from it and down again. How deep that is stands in the mount table, what it is
/// called does not; its directory is found in the node's hierarchy by being the same one.
enum CgroupNamespace {
    /// Ours never changes, and is asked for with every look at a process.
    private static let roots = Mutex<[Question: [String]?]>([:])

    private struct Question: Hashable {
        var top: String
        var own: String
        var depth: Int
    }

    /// Directories that are looked at. A node has some hundred pods with a few each.
    private static let limitDirectories = 20_000

    /// The path below `top` of a cgroup that is told as `path`.
    ///
    /// - Parameters:
    ///   - mount: of the node's hierarchy, whose root is told as `/../..`.
    ///   - own: where our own part of it is mounted.
    /// - Returns: empty for the root of the hierarchy; `nil` for what is not to be found.
    static func path(_ path: String, _ mount: MountInfo.Mount, top: String, own: String) -> String? {
        let up = mount.root.split(separator: "/")
        guard !up.isEmpty, up.allSatisfy({ $0 == ".." }),
            let root = root(Question(top: top, own: own, depth: up.count))
        else { return nil }
        var parts = root
        for part in path.split(separator: "/") {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.map { "/" + $0 }.joined()
    }

    private static func root(_ question: Question) -> [String]? {
        if let known = roots.withLock({ $0[question] }) { return known }
        var wanted = stat()
        var found: [String]?
        if stat(question.own, &wanted) == 0 {
            var left = limitDirectories
            let top = CgroupDirectory(version: .v2, path: question.top, top: question.top)
            found = search(top, [], question.depth, wanted, &left)
        }
        roots.withLock { $0[question] = .some(found) }
        return found
    }

    private static func search(
        _ directory: CgroupDirectory, _ parts: [String], _ depth: Int, _ wanted: stat, _ left: inout Int
    ) -> [String]? {
        left -= 1
        guard left > 0 else { return nil }
        if depth == 0 {
            var status = stat()
            let isFound =
                stat(directory.path, &status) == 0 && status.st_ino == wanted.st_ino && status.st_dev == wanted.st_dev
            return isFound ? parts : nil
        }
        for name in directory.childNames() {
            if let found = search(directory.child(name), parts + [name], depth - 1, wanted, &left) { return found }
        }
        return nil
    }
}
