/// `/proc/PID/cgroup`: which cgroup of each hierarchy a process is in.
public struct ProcessCgroup: Hashable, Sendable {
    public struct Membership: Hashable, Sendable {
        /// Controllers of a v1 hierarchy; empty for v2, whose line reads `0::/path`.
        public var controllers: [String]
        /// From the root of the hierarchy or of the cgroup namespace; begins with `/`.
        public var path: String
    }

    public var memberships: [Membership]

    /// The path in the v2 hierarchy, if the process is in one.
    public var unifiedPath: String? { memberships.first { $0.controllers.isEmpty }?.path }

    /// The path in the v1 hierarchy that carries `controller`.
    public func path(controller: String) -> String? {
        memberships.first { $0.controllers.contains(controller) }?.path
    }

    public init?(_ text: KernelText) {
        memberships = text.lines.compactMap { line in
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0].number != nil, fields[2].first == UInt8(ascii: "/") else { return nil }
            let controllers = fields[1].split(separator: UInt8(ascii: ",")).map(\.string)
            return Membership(controllers: controllers, path: fields[2].string)
        }
        if memberships.isEmpty { return nil }
    }

    /// - Parameter process: a process ID, or `self`.
    public static func read(_ process: String, _ roots: KernelRoots) -> ProcessCgroup? {
        (try? KernelText(path: "\(roots.procfs)/\(process)/cgroup")).flatMap { ProcessCgroup($0) }
    }
}
