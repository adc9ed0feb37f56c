import Glibc

/// The end of a build tool's log, and what tells one log from the next under the same name.
struct LogTail: Hashable, Sendable {
    /// Summaries are the last lines of a log; what is far before its end is the build's own output.
    static let limitBytes = 256 << 10

    var bytes: [UInt8]
    /// Where ``bytes`` begin in the file.
    var offset: Int64
    var inode: UInt64
    var sizeBytes: Int64
    /// Nanoseconds since 1970.
    var modifiedAt: Int64

    /// Reads what comes after `start`, or the last ``limitBytes`` of it; whole lines only.
    ///
    /// - Throws: when the file cannot be read, or is none: a pipe or a device in its place would be waited for.
    init(path: String, from start: Int64 = 0, limitBytes: Int = Self.limitBytes) throws(KernelFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw KernelFileError(path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw KernelFileError(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KernelFileError(path: path, code: EINVAL) }
        inode = UInt64(status.st_ino)
        sizeBytes = Int64(status.st_size)
        modifiedAt = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        let wanted = max(start, sizeBytes - Int64(limitBytes))
        var content = [UInt8](repeating: 0, count: Int(max(0, min(Int64(limitBytes), sizeBytes - wanted))))
        let count = content.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(wanted)) }
        content.removeLast(content.count - max(0, count))
        // A line cut at either end would be read as another one.
        if let end = content.lastIndex(of: UInt8(ascii: "\n")) {
            content.removeLast(content.count - end - 1)
        } else {
            content = []
        }
        var first = 0
        if wanted > start { first = (content.firstIndex(of: UInt8(ascii: "\n")) ?? -1) + 1 }
        bytes = Array(content[first...])
        offset = wanted + Int64(first)
    }

    var lines: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "\n")) }
    /// Where the next reading goes on.
    var end: Int64 { offset + Int64(bytes.count) }
}
