import Glibc

/// A file of the kernel that is kept open between scrapes.
///
/// Opening costs more than reading for most of them, and builds a path in memory each time. The kernel writes the
/// content anew for every reading from the start, so an open file is never stale; one that is gone (a CPU taken offline,
/// a cgroup removed, a file system mounted anew) fails to read, and is opened once more before we believe it.
public final class KernelFile {
    public let path: String
    private var descriptor: Int32 = -1

    public init(_ path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads the file whole.
    ///
    /// - Returns: the content, valid until `buffer` reads the next file.
    public func read(into buffer: KernelBuffer) throws(KernelFileError) -> KernelCursor {
        // Nothing to read is how a file looks that was replaced by another of its name.
        if descriptor >= 0, let cursor = buffer.read(descriptor: descriptor), !cursor.isAtEnd { return cursor }
        if descriptor >= 0 { close(descriptor) }
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0, let cursor = buffer.read(descriptor: descriptor) else {
            throw KernelFileError(path: path, code: errno)
        }
        return cursor
    }
}
