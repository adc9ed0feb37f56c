import Glibc

/// Files that travel between the server and a worker. They hold what a tenant's builds did, so nobody else may read
/// them.
enum WorkerFile {
    /// - Throws: ``TrainWorkerError/file(path:message:)``.
    static func read(_ path: String) throws(TrainWorkerError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .file(path: path, message: "it is no regular file") }
        let size = Int(status.st_size)
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let count = Glibc.read(file, buffer.baseAddress! + filled, size - filled)
                if count < 0 && errno == EINTR { continue }
                failed = count < 0
                if count <= 0 { break }
                filled += count
            }
        }
        if failed { throw failure(path) }
        return bytes
    }

    /// Writes a file whole or not at all: a reader never sees half of it.
    ///
    /// - Parameter writer: who writes, for workers that share a folder must not write the same scratch file.
    /// - Throws: ``TrainWorkerError/file(path:message:)``.
    static func write(_ bytes: [UInt8], to path: String, writer: Int) throws(TrainWorkerError) {
        let scratch = "\(path).\(writer).partial"
        let file = open(scratch, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        var rest = bytes[...]
        var isWritten = true
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                isWritten = false
                break
            }
            rest = rest.dropFirst(count)
        }
        isWritten = isWritten && fsync(file) == 0
        let error = isWritten ? nil : failure(path)
        close(file)
        if let error {
            unlink(scratch)
            throw error
        }
        guard rename(scratch, path) == 0 else {
            let error = failure(path)
            unlink(scratch)
            throw error
        }
    }

    private static func failure(_ path: String) -> TrainWorkerError {
        .file(path: path, message: String(cString: strerror(errno)))
    }
}
