/// `/proc/PID/smaps_rollup`: proportional set size, each page divided by the number of processes that map it. Exact,
/// and an order of magnitude dearer than `status`: the kernel walks the page tables.
public struct SmapsRollup: Hashable, Sendable {
    public var pssBytes: Int64
    /// The proportional share that cannot be dropped, anonymous and shared; `nil` before Linux 5.4.
    public var unreclaimablePSSBytes: Int64?

    public init?(_ text: KernelText) {
        let values = text.colonKeyed
        guard let pss = values["Pss"], pss >= 0 else { return nil }
        pssBytes = pss
        unreclaimablePSSBytes = values["Pss_Anon"].map { saturatingSum($0, values["Pss_Shmem"] ?? 0) }
    }

    /// `nil` when the process has gone, belongs to someone else, or the kernel is older than 4.14.
    public static func read(_ processID: Int32, _ roots: KernelRoots) -> SmapsRollup? {
        (try? KernelText(path: "\(roots.procfs)/\(processID)/smaps_rollup")).flatMap { SmapsRollup($0) }
    }
}
