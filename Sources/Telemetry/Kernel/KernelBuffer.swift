import Glibc

/// Memory that kernel files are read into, one after the other, by everything on one thread.
///
/// Each reading writes over the one before, so a ``KernelCursor`` is good until the next. It grows to the largest file
/// it has seen, and not beyond its limit.
public final class KernelBuffer {
    private var buffer: ByteBuffer
    private let limitBytes: Int

    /// - Parameter limitBytes: of a file beyond it only the whole lines within are kept, so that a number cut in half
    ///   is never read as a smaller one.
    public init(limitBytes: Int = 4 << 20) {
        self.limitBytes = max(64, limitBytes)
        buffer = ByteBuffer(capacity: 16 << 10)
    }

    /// Reads an open file from its start, leaving its position alone.
    ///
    /// - Returns: the content, valid until the next reading; or `nil`, and `errno` says why.
    public func read(descriptor: Int32) -> KernelCursor? {
        buffer.removeAll()
        while buffer.count < limitBytes {
            // The kernel hands out many of its files a page at a time: an end is known by reading nothing.
            let offset = off_t(buffer.count)
            let count = buffer.append(upTo: min(16 << 10, limitBytes - buffer.count)) {
                pread(descriptor, $0.baseAddress, $0.count, offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return KernelCursor(buffer.bytes) }
        }
        let bytes = buffer.bytes
        let end = bytes.lastPlace(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return KernelCursor(bytes.part(0..<end))
    }

    /// Opens, reads and closes a file that is not worth keeping open, such as one of a process.
    ///
    /// - Parameters:
    ///   - path: absolute, or relative to `directory`.
    ///   - directory: an open directory, or `AT_FDCWD`.
    /// - Returns: as ``read(descriptor:)``.
    public func read(path: UnsafePointer<CChar>, in directory: Int32 = AT_FDCWD) -> KernelCursor? {
        let descriptor = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let cursor = read(descriptor: descriptor)
        let code = errno
        close(descriptor)
        errno = code
        return cursor
    }
}
