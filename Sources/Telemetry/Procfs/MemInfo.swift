/// `/proc/meminfo`: the node's memory, every value in bytes under the kernel's own name.
public struct MemInfo: Hashable, Sendable {
    public var bytes: [String: Int64]

    public var totalBytes: Int64? { bytes["MemTotal"] }
    public var availableBytes: Int64? { bytes["MemAvailable"] }

    /// `nil` when the total, which every kernel gives, is not there.
    public init?(_ text: KernelText) {
        bytes = text.colonKeyed
        guard let total = bytes["MemTotal"], total > 0 else { return nil }
    }

    public static func read(_ roots: KernelRoots) -> MemInfo? {
        (try? KernelText(path: roots.procfs + "/meminfo")).flatMap { MemInfo($0) }
    }
}
