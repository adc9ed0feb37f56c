import Glibc

/// A descriptor that becomes readable when a process ends (`pidfd_open`, Linux 5.3).
public final class ProcessEnd {
    /// For `poll`.
    public let descriptor: Int32

    /// `nil` when the process has gone, or the kernel or the C library is too old.
    public init?(_ processID: Int32) {
        guard let open = Self.open else { return nil }
        descriptor = open(processID, 0)  // close-on-exec by itself
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// glibc has it from 2.36 on; looked up by name so that the program still starts with an older one.
    private static let open: (@convention(c) (Int32, UInt32) -> Int32)? = {
        guard let symbol = dlsym(nil, "pidfd_open") else { return nil }
        return unsafeBitCast(symbol, to: (@convention(c) (Int32, UInt32) -> Int32).self)
    }()
}
