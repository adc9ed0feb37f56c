import Glibc
import Telemetry

/// Reads `/proc/PID/stat` of every process, one after the other, through a folder that is kept open.
///
/// Processes end between being listed and being read; those are passed over. Nothing is allocated.
final class ProcessScan {
    /// What a process says of itself. `command` is good until the next process: at most 64 bytes, any but NUL.
    struct Process {
        var id: Int32
        var command: UnsafeRawBufferPointer
        /// The kernel's letter.
        var state: UInt8
        var parent: Int32
        /// User and system time, without that of children.
        var cpuTicks: Int64
        var threads: Int64
        /// Ticks from boot. With the process ID it names a process for good: IDs are used again.
        var startTicks: Int64
        var residentPages: Int64
    }

    private let path: String
    private var directory: OpaquePointer?

    init(procfs: String) { path = procfs }

    deinit { if let directory { closedir(directory) } }

    /// Calls `body` with each process.
    ///
    /// - Returns: 0, or the `errno` that says why there is no folder of processes.
    func forEach(_ body: (borrowing Process) -> Void) -> Int32 {
        if let directory {
            rewinddir(directory)
        } else {
            directory = opendir(path)
        }
        guard let directory else { return errno }
        let folder = dirfd(directory)
        while let entry = readdir(directory) {
            guard let id = Self.processID(entry) else { continue }
            // Numbers of 20 digits and a name of at most 64 bytes in 52 fields stay far below.
            withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
                let count = Self.read(id, in: folder, buffer)
                guard count > 0 else { return }
                if let process = Self.parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), id) { body(process) }
            }
        }
        return 0
    }

    private static func processID(_ entry: UnsafeMutablePointer<dirent>) -> Int32? {
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
            var id: Int32 = 0
            for byte in name {
                if byte == 0 { return id > 0 ? id : nil }
                guard (0x30...0x39).contains(byte), id < Int32.max / 10 - 1 else { return nil }
                id = id * 10 + Int32(byte - 0x30)
            }
            return nil
        }
    }

    /// - Returns: how many bytes there are; 0 or less when the process is gone.
    private static func read(_ id: Int32, in folder: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        // The path is made at the end of the buffer: `12345/stat`.
        var place = buffer.count - 1
        func put(_ byte: UInt8) {
            buffer[place] = byte
            place -= 1
        }
        put(0)
        let name: StaticString = "/stat"
        for index in (0..<name.utf8CodeUnitCount).reversed() { put(name.utf8Start[index]) }
        var rest = id
        repeat {
            put(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        let path = (buffer.baseAddress! + place + 1).assumingMemoryBound(to: CChar.self)
        let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        return Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }

    private static func parse(_ text: UnsafeRawBufferPointer, _ id: Int32) -> Process? {
        // The name ends at the *last* parenthesis: everything after it is numbers and one letter.
        guard let open = text.firstIndex(of: UInt8(ascii: "(")), let close = text.lastIndex(of: UInt8(ascii: ")")),
            open < close
        else { return nil }
        var cursor = KernelCursor(UnsafeRawBufferPointer(rebasing: text[(close + 1)...]))
        // Numbers as in proc(5): the state is field 3.
        guard let state = cursor.word().first, let parent = cursor.number() else { return nil }
        for _ in 5..<14 { _ = cursor.word() }
        guard let user = cursor.number(), let system = cursor.number() else { return nil }
        for _ in 16..<20 { _ = cursor.word() }
        guard let threads = cursor.number() else { return nil }
        _ = cursor.word()
        guard let start = cursor.number() else { return nil }
        _ = cursor.word()
        guard let pages = cursor.number() else { return nil }
        let (ticks, overflow) = max(0, user).addingReportingOverflow(max(0, system))
        return Process(
            id: id, command: UnsafeRawBufferPointer(rebasing: text[(open + 1)..<close]), state: state,
            parent: Int32(clamping: parent), cpuTicks: overflow ? .max : ticks, threads: max(0, threads),
            startTicks: start, residentPages: max(0, pages))
    }
}
