import Glibc

/// Folders and small files, in system calls: a wrapper that starts in milliseconds has no use for more.
public enum Folder {
    /// Makes `path` and its parents with mode 0700, or takes what is there.
    ///
    /// - Returns: true when `path` is a folder of this user, writable by this user and nobody else. In a shared
    /// temporary
    ///   folder anything else may be somebody's trap.
    public static func makePrivate(at path: String) -> Bool {
        var made = ""
        for part in path.split(separator: "/") {
            made += made.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
            if mkdir(made, 0o700) != 0 && errno != EEXIST && errno != EISDIR && access(made, F_OK) != 0 { return false }
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else { return false }
        return access(path, W_OK | X_OK) == 0
    }

    /// The names of the files in `path` that end in `suffix`, sorted; at most `limit` are looked at.
    public static func names(in path: String, suffix: String, limit: Int) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(suffix) && !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The bytes of a regular file.
    ///
    /// - Returns: `nil` when it cannot be read, is a link, or is larger than `limit` bytes.
    public static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > limit { return nil }
        }
    }

    /// Writes a file so that a reader finds all of it or none: a temporary name, the bytes, then a rename.
    ///
    /// Nothing waits for the disk: that can take a second on a busy build machine, and the bytes survive the end of any
    /// process. A power cut may leave a short file, which readers have to refuse.
    /// - Throws: ``FileError`` naming the call that failed. Nothing is left behind then.
    public static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(FileError) {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let temporary = "\(path[..<slash]).\(path[slash...]).\(getpid())"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw FileError(call: "open", path: path, code: errno) }
        var isDone = false
        defer { if !isDone { unlink(temporary) } }
        do {
            defer { close(file) }
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw FileError(call: "write", path: path, code: errno) }
                written += count
            }
        }
        guard rename(temporary, path) == 0 else { throw FileError(call: "rename", path: path, code: errno) }
        isDone = true
    }

    /// The size of a file in bytes; 0 when it is gone.
    static func size(of path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// A system call on a file that failed.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    public var call: String
    public var path: String
    /// `errno`.
    public var code: Int32

    public init(call: String, path: String, code: Int32) {
        self.call = call
        self.path = path
        self.code = code
    }

    public var description: String { "\(path): \(call): \(String(cString: strerror(code)))" }
}
