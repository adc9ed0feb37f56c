import Glibc

/// The proc file system, held open: lists processes and reads their files by paths relative to one descriptor.
///
/// Made for who looks at every process of a node each second. Listing and reading allocate nothing after warm-up, and
/// every file opened is counted, so that a test can tell that known processes cost none.
public final class ProcDirectory {
    /// Files opened so far, whether that succeeded or not.
    public private(set) var openCount = 0

    private let descriptor: Int32
    private let stream: OpaquePointer
    /// `PID/file` with its NUL; no file read here has a longer name.
    private var path = [CChar](repeating: 0, count: 64)
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// - Throws: ``KernelFileError`` when the directory cannot be opened.
    public init(_ roots: KernelRoots) throws(KernelFileError) {
        descriptor = open(roots.procfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KernelFileError(path: roots.procfs, code: errno) }
        // The stream gets a descriptor of its own: its position moves, and closing it closes the descriptor.
        let listed = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard listed >= 0, let stream = fdopendir(listed) else {
            let code = errno
            if listed >= 0 { close(listed) }
            close(descriptor)
            throw KernelFileError(path: roots.procfs, code: code)
        }
        self.stream = stream
    }

    deinit {
        closedir(stream)
        close(descriptor)
    }

    /// Calls `body` with the ID of every process there is, in the kernel's order. Processes that come or go meanwhile
    /// may or may not be among them.
    public func forEachProcess(_ body: (Int32) -> Void) {
        rewinddir(stream)
        while let entry = readdir(stream) {
            let number = withUnsafeBytes(of: &entry.pointee.d_name) { Self.number($0) }
            if number > 0 { body(number) }
        }
    }

    /// `PID/stat`; `nil` when the process has gone.
    public func stat(_ processID: Int32) -> ProcessStat? {
        guard let count = read(processID, "stat", limitBytes: 4096) else { return nil }
        return ProcessStat(KernelText(bytes: Array(buffer[..<count])))
    }

    /// What `PID/environ` says for each of `names`; `nil` when it may not be read, or the process has gone.
    public func environment(_ processID: Int32, _ names: [StaticString]) -> [ProcessEnvironment.Value]? {
        guard let count = read(processID, "environ", limitBytes: ProcessEnvironment.limitBytes) else { return nil }
        let isCut = count >= ProcessEnvironment.limitBytes
        return buffer.withUnsafeBytes { ProcessEnvironment.values(of: names, in: $0[..<count], isCut: isCut) }
    }

    /// Whether an ID is a process's, and not that of a thread beside a process's first: those have directories that are
    /// not listed.
    public func isProcess(_ id: Int32) -> Bool {
        guard let count = read(id, "status", limitBytes: 4096) else { return false }
        return KernelText(bytes: Array(buffer[..<count])).colonKeyed["Tgid"] == Int64(id)
    }

    /// The first two words of `PID/cmdline`; fewer when there are not so many.
    public func commandLine(_ processID: Int32) -> [String] {
        guard let count = read(processID, "cmdline", limitBytes: 4096) else { return [] }
        return buffer[..<count].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).prefix(2).map(
            \.string)
    }

    /// The process ID the kernel gave out last: the last field of `loadavg`. `nil` where the file has none.
    public func latestProcessID() -> Int32? {
        guard let count = read(nil, "loadavg", limitBytes: 256), let last = buffer[..<count].fields.last else {
            return nil
        }
        return last.number.flatMap(Int32.init(exactly:))
    }

    /// Whether this proc file system numbers processes as this process is numbered: `self` leads to our own ID.
    public func isOwnNamespace() -> Bool {
        var target = [CChar](repeating: 0, count: 16)
        let count = readlinkat(descriptor, "self", &target, target.count)
        guard count > 0, count < target.count else { return false }
        return target.withUnsafeBytes { Self.number($0) } == getpid()
    }

    /// Reads a file to its end or to `limitBytes` into the buffer.
    ///
    /// - Returns: how many bytes there are.
    private func read(_ processID: Int32?, _ file: StaticString, limitBytes: Int) -> Int? {
        setPath(processID, file)
        openCount += 1
        let opened = openat(descriptor, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        var count = 0
        while count < limitBytes {
            if count == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
            let wanted = min(buffer.count, limitBytes) - count
            let read = buffer.withUnsafeMutableBytes { Glibc.read(opened, $0.baseAddress! + count, wanted) }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { return nil }
            if read == 0 { break }
            count += read
        }
        return count
    }

    private func setPath(_ processID: Int32?, _ file: StaticString) {
        var length = 0
        if let processID {
            var divisor: Int32 = 1
            while processID / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                path[length] = CChar(0x30 + processID / divisor % 10)
                length += 1
                divisor /= 10
            }
            path[length] = 0x2F
            length += 1
        }
        file.withUTF8Buffer { name in
            for byte in name {
                path[length] = CChar(truncatingIfNeeded: byte)
                length += 1
            }
        }
        path[length] = 0
    }

    /// The number before the first NUL; 0 for a name that is none.
    private static func number(_ name: UnsafeRawBufferPointer) -> Int32 {
        var value: Int32 = 0
        for byte in name {
            if byte == 0 { return value }
            guard (0x30...0x39).contains(byte) else { return 0 }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int32(byte - 0x30))
            if overflow || overflow2 { return 0 }
            value = sum
        }
        return 0
    }
}
