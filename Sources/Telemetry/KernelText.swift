import Glibc

/// Why a kernel file could not be read.
public struct KernelFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// `errno` of the call that failed.
    public let code: Int32

    public var description: String { "\(path): \(String(cString: strerror(code)))" }

    /// True when the file, or the process it belongs to, is not there.
    public var isMissing: Bool { code == ENOENT || code == ESRCH || code == ENODEV }
}

/// The bytes of a small text file of the kernel, read whole and bounded.
///
/// Everything below works on bytes: command names may hold any byte but NUL, and splitting `String` by `Character`
/// costs far more than the kernel needs to write the file.
public struct KernelText: Sendable {
    /// Largest file read. `/proc/stat` and `/proc/self/mountinfo` of large nodes come near; the rest is far below.
    public static let defaultLimitBytes = 256 << 10

    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    public init(_ text: String) { bytes = Array(text.utf8) }

    /// Reads the file at `path`. Of a file beyond the limit only the whole lines within it are kept, so that a number
    /// cut in half is never read as a smaller one.
    public init(path: String, limitBytes: Int = Self.defaultLimitBytes) throws(KernelFileError) {
        // A pipe in the file's place would be waited for, until somebody writes to it; as it is, it cannot be read.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw KernelFileError(path: path, code: errno) }
        defer { close(descriptor) }
        bytes = try Self.read(descriptor, path: path, limitBytes: max(1, limitBytes))
    }

    /// Reads from the start of an open file, leaving its position alone.
    init(descriptor: Int32, path: String, limitBytes: Int = Self.defaultLimitBytes) throws(KernelFileError) {
        bytes = try Self.read(descriptor, path: path, limitBytes: max(1, limitBytes))
    }

    private static func read(
        _ descriptor: Int32, path: String, limitBytes: Int
    ) throws(KernelFileError) -> [UInt8] {
        var content: [UInt8] = []
        // A page holds nearly every file here; a second read sees the end.
        var chunk = [UInt8](repeating: 0, count: min(4096, limitBytes))
        while content.count < limitBytes {
            let wanted = min(chunk.count, limitBytes - content.count)
            let count = pread(descriptor, &chunk, wanted, off_t(content.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw KernelFileError(path: path, code: errno) }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
        }
        return content.lastIndex(of: UInt8(ascii: "\n")).map { Array(content[...$0]) } ?? []
    }

    /// The lines without their line feeds; empty lines are left out.
    var lines: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "\n")) }

    /// The number that is the whole file, as in `memory.current`.
    var number: Int64? {
        let fields = bytes[...].fields
        return fields.count == 1 ? fields[0].number : nil
    }

    /// `key value` lines, as in `memory.stat` and `cpu.stat`; lines of any other form are left out.
    var flatKeyed: [String: Int64] {
        var values: [String: Int64] = [:]
        for line in lines {
            let fields = line.fields
            if fields.count == 2, let value = fields[1].number { values[fields[0].string] = value }
        }
        return values
    }

    /// `Key:   value kB` lines, as in `/proc/meminfo` and `smaps_rollup`, in bytes; values without `kB` stay as they
    /// are.
    var colonKeyed: [String: Int64] {
        var values: [String: Int64] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let fields = line[line.index(after: colon)...].fields
            guard let value = fields.first?.number else { continue }
            let isKibibytes = fields.count == 2 && fields[1].elementsEqual("kB".utf8)
            values[line[..<colon].string] = isKibibytes ? saturatingProduct(value, 1024) : value
        }
        return values
    }
}

extension ArraySlice<UInt8> {
    /// The parts between spaces and tabs (and line feeds).
    var fields: [ArraySlice<UInt8>] { split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A } }

    var string: String { String(decoding: self, as: UTF8.self) }

    /// A decimal whole number with an optional minus sign. Numbers beyond `Int64` saturate: the kernel's counters are
    /// unsigned, and "more than can be told" is nearer the truth than nothing. `nil` for anything else.
    var number: Int64? {
        let isNegative = first == UInt8(ascii: "-")
        let digits = isNegative ? dropFirst() : self
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int64(byte - 0x30))
            value = overflow || overflow2 || value == .max ? .max : sum
        }
        return isNegative ? -value : value
    }

    /// A finite, non-negative decimal fraction, as in `0.08`.
    var fraction: Double? {
        guard let value = Double(string), value.isFinite, value >= 0 else { return nil }
        return value
    }
}
