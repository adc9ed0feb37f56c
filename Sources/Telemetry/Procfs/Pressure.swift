/// Pressure stall information, of the node (`/proc/pressure/*`) or of a cgroup (`*.pressure`).
public struct Pressure: Hashable, Sendable {
    /// What some, or all, tasks were waiting for.
    public enum Resource: String, Hashable, Sendable, CaseIterable {
        case cpu, memory, io
    }

    /// Seconds some task waited, since boot or since the cgroup was made.
    public var someSeconds: Double
    /// Seconds no task could run at all; older kernels do not give it for CPU.
    public var fullSeconds: Double?

    public init?(_ text: KernelText) {
        var totals: [String: Double] = [:]
        for line in text.lines {
            let fields = line.fields
            guard let kind = fields.first?.string, let total = fields.last, total.starts(with: "total=".utf8),
                let microseconds = total.dropFirst("total=".utf8.count).number, microseconds >= 0
            else { continue }
            totals[kind] = Double(microseconds) / 1e6
        }
        guard let some = totals["some"] else { return nil }
        someSeconds = some
        fullSeconds = totals["full"]
    }

    /// The node's pressure; `nil` when the kernel was built or started without it (`psi=1` on its command line helps).
    public static func read(_ resource: Resource, _ roots: KernelRoots) -> Pressure? {
        (try? KernelText(path: roots.procfs + "/pressure/" + resource.rawValue)).flatMap { Pressure($0) }
    }

    /// The pressure of the cgroup v2 at `directory`.
    public static func read(_ resource: Resource, cgroup directory: String) -> Pressure? {
        (try? KernelText(path: directory + "/" + resource.rawValue + ".pressure")).flatMap { Pressure($0) }
    }
}
