/// `/proc/PID/io`: bytes one process, and the children it reaped, moved to and from storage. Readable by the owner
/// only.
public struct ProcessIO: Hashable, Sendable {
    public var readBytes: Int64
    /// Counted when a page is dirtied, which may be long before it reaches storage.
    public var writeBytes: Int64
    /// The part of ``writeBytes`` that never happened: files deleted or truncated before they were written.
    public var cancelledWriteBytes: Int64

    public init?(_ text: KernelText) {
        let values = text.colonKeyed
        guard let read = values["read_bytes"], let write = values["write_bytes"], read >= 0, write >= 0 else {
            return nil
        }
        readBytes = read
        writeBytes = write
        cancelledWriteBytes = max(0, values["cancelled_write_bytes"] ?? 0)
    }

    public static func read(_ processID: Int32, _ roots: KernelRoots) -> ProcessIO? {
        (try? KernelText(path: "\(roots.procfs)/\(processID)/io")).flatMap { ProcessIO($0) }
    }
}
