import Glibc

/// A pair of descriptors that wakes a thread out of a timed wait; a signal handler may write to it as well.
///
/// A socket pair and not a pipe, as it can be made to close on `execve` and not to block in one call: between two calls
/// another thread could spawn a process that keeps it.
public final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// `nil` when the process is out of file descriptors.
    public init?() {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// For `poll`: readable once woken.
    public var readDescriptor: Int32 { readEnd }
    /// For signal handlers, which may only `write` a byte.
    public var writeDescriptor: Int32 { writeEnd }

    public func wake() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)  // a full pipe will wake the reader as well
    }

    /// Waits until woken or until the time is up, and forgets all wakes so far.
    ///
    /// - Parameter seconds: at most this long; `nil` waits for a wake alone.
    public func wait(seconds: Double?) {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        // Milliseconds, rounded up so that a short wait never becomes a spin. A day is as good as forever.
        let timeout = seconds.map { Int32((max(0, min($0, 86_400)) * 1000).rounded(.up)) }
        poll(&entry, 1, timeout ?? -1)
        var sink = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &sink, sink.count) > 0 {}
    }
}
