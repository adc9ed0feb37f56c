import Glibc
import Telemetry

/// A file that is put aside when it has grown: `path.1` is the newest of those, `path.2` the one before.
final class RotatedFile {
    struct CannotWrite: Error, Hashable, CustomStringConvertible {
        var path: String
        var code: Int32

        var description: String { "cannot write \(path): \(String(cString: strerror(code)))" }
    }

    private let path: String
    private let limitBytes: Int64
    private let keep: Int
    private var descriptor: Int32 = -1
    private var size: Int64 = 0

    /// - Parameters:
    ///   - limitBytes: the file is put aside before it would grow beyond this.
    ///   - keep: how many are kept besides the one that is written.
    init(path: String, limitBytes: Int64, keep: Int) {
        self.path = path
        self.limitBytes = limitBytes
        self.keep = keep
    }

    deinit { closeFile() }

    /// Writes all of `bytes`, into one file.
    func append(_ bytes: UnsafeRawBufferPointer) throws(CannotWrite) {
        if descriptor < 0 { try openFile() }
        if size > 0 && size + Int64(bytes.count) > limitBytes { try rotate() }
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                // A line cut in half would be taken for the start of the next one.
                ftruncate(descriptor, off_t(size))
                closeFile()
                throw CannotWrite(path: path, code: code)
            }
            rest = rest.part(from: count)
        }
        size += Int64(bytes.count)
    }

    private func openFile() throws(CannotWrite) {
        // A reader of the log needs no right to what it does not say; nobody else needs one at all.
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw CannotWrite(path: path, code: errno) }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    private func closeFile() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private func rotate() throws(CannotWrite) {
        closeFile()
        if keep == 0 {
            unlink(path)
        } else {
            for number in stride(from: keep - 1, through: 1, by: -1) {
                rename("\(path).\(number)", "\(path).\(number + 1)")
            }
            rename(path, path + ".1")
        }
        try openFile()
        // Where renaming is not allowed the file itself still is: better empty than without end.
        if size > 0, ftruncate(descriptor, 0) == 0 { size = 0 }
    }
}
