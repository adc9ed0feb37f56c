/// `/proc/PID/status`: the memory lines of it, in bytes. Kernel threads and zombies have none.
public struct ProcessStatus: Hashable, Sendable {
    public var parentID: Int32
    /// High-water mark of the resident set since the last `execve`.
    public var peakRSSBytes: Int64
    public var rssBytes: Int64
    /// Resident anonymous and shared memory; `nil` before Linux 4.5.
    public var anonymousBytes: Int64?
    public var sharedMemoryBytes: Int64?
    /// Resident file pages.
    public var fileBytes: Int64?

    /// Resident memory the kernel cannot drop, pages shared with other processes counted in full.
    var unreclaimableBytes: Int64 {
        guard let anonymousBytes else { return rssBytes }
        return saturatingSum(anonymousBytes, sharedMemoryBytes ?? 0)
    }

    /// True when every number about memory is the same.
    func hasMemory(of other: ProcessStatus) -> Bool {
        var same = other
        same.parentID = parentID
        return self == same
    }

    public init?(_ text: KernelText) {
        let values = text.colonKeyed
        guard let rss = values["VmRSS"], rss >= 0 else { return nil }
        rssBytes = rss
        parentID = values["PPid"].flatMap(Int32.init(exactly:)) ?? 0
        peakRSSBytes = max(rss, values["VmHWM"] ?? 0)
        anonymousBytes = values["RssAnon"]
        sharedMemoryBytes = values["RssShmem"]
        fileBytes = values["RssFile"]
    }

    /// `nil` when the process has gone or has no memory of its own.
    public static func read(_ processID: Int32, _ roots: KernelRoots) -> ProcessStatus? {
        (try? KernelText(path: "\(roots.procfs)/\(processID)/status")).flatMap { ProcessStatus($0) }
    }
}
