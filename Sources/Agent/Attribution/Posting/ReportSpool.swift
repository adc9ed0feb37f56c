import Builds
import Glibc

/// Reports that the server does not have yet, one file each, so that they outlive the agent.
///
/// A file is whole or not there: it is written under another name, forced to disk, and renamed. Forcing takes some
/// milliseconds and happens once for each step, not for each scrape. What still turns out damaged is put aside for a
/// person to look at. Files:
///
///     TIME-KEY.json    a report: a line with its length and checksum, then the body
///     damaged/         files that are not what that line says; the newest twenty
///
/// When the spool is full the *oldest* goes, and is counted: usage of last week's outage is worth less than today's.
/// Where the folder cannot be written to, reports wait in memory, under the same bounds.
struct ReportSpool {
    struct Bounds: Hashable, Sendable {
        /// A report has about 700 bytes; a thousand is a day of a busy node.
        var reports = 1000
        var totalBytes = 4 << 20
    }

    struct Entry: Hashable {
        /// When the report was made.
        var time: Timestamp
        /// The step it is of; a later report of the same step replaces an earlier one.
        var stepHash: UInt64
        var byteCount: Int
        /// Only where it could not be written to a file.
        var body: [UInt8]?

        var name: String { ReportSpool.name(time, stepHash) }
    }

    /// Oldest first.
    private(set) var entries: [Entry] = []
    private(set) var drops: [DropReason: Int] = [:]
    /// Why reports are kept in memory alone; `nil` while they are not.
    private(set) var reasonForMemory: String?

    private let path: String?
    private let bounds: Bounds

    private static let entryLimitBytes = 64 << 10
    private static let mostDamaged = 20
    private static let mostNames = 10_000
    private static let headerWord = "inframind-usage-1"

    /// - Parameter path: a folder, made when it is not there; `nil` keeps reports in memory.
    init(path: String?, bounds: Bounds = Bounds()) {
        self.bounds = bounds
        guard let path else {
            self.path = nil
            return
        }
        self.path = path
        guard Self.makeFolder(path) else {
            reasonForMemory = "\(path): \(String(cString: strerror(errno)))"
            return
        }
        load(path)
    }

    var totalBytes: Int { entries.reduce(0) { $0 + $1.byteCount } }

    /// Keeps a report until ``remove(_:)``.
    mutating func add(_ body: [UInt8], of stepHash: UInt64, at time: Timestamp) {
        guard body.count <= Self.entryLimitBytes else { return drop(.refused) }
        for old in entries where old.stepHash == stepHash { remove(old) }
        var entry = Entry(time: time, stepHash: stepHash, byteCount: body.count)
        if let reason = write(body, entry.name) {
            reasonForMemory = reason
            entry.body = body
        } else if path == nil {
            entry.body = body
        } else {
            reasonForMemory = nil
        }
        entries.append(entry)
        trim()
    }

    /// The report's body; `nil`, and the report is gone, when its file is not what was written.
    mutating func body(of entry: Entry) -> [UInt8]? {
        if let body = entry.body { return body }
        guard let path else { return nil }
        if let body = Self.read("\(path)/\(entry.name)") { return body }
        setAside(entry.name)
        entries.removeAll { $0 == entry }
        return nil
    }

    mutating func remove(_ entry: Entry) {
        entries.removeAll { $0 == entry }
        if entry.body == nil, let path { unlink("\(path)/\(entry.name)") }
    }

    mutating func drop(_ entry: Entry, _ reason: DropReason) {
        remove(entry)
        drop(reason)
    }

    private mutating func drop(_ reason: DropReason) { drops[reason, default: 0] += 1 }

    private mutating func trim() {
        while entries.count > bounds.reports || totalBytes > bounds.totalBytes, let oldest = entries.first {
            drop(oldest, .full)
        }
    }

    private mutating func load(_ path: String) {
        for name in Self.names(path) {
            if name.hasPrefix(".") {
                unlink("\(path)/\(name)")  // left behind by an agent that was killed while it wrote
                continue
            }
            guard let (time, hash) = Self.parts(of: name), let body = Self.read("\(path)/\(name)") else {
                setAside(name)
                continue
            }
            entries.append(Entry(time: time, stepHash: hash, byteCount: body.count))
        }
        trim()
    }

    private mutating func setAside(_ name: String) {
        guard let path else { return }
        drop(.corrupt)
        let folder = path + "/damaged"
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST,
            rename("\(path)/\(name)", "\(folder)/\(name)") == 0
        else {
            unlink("\(path)/\(name)")
            return
        }
        for old in Self.names(folder).dropLast(Self.mostDamaged) { unlink("\(folder)/\(old)") }
    }

    // MARK: Files

    /// - Returns: why not, when it could not be written.
    private func write(_ body: [UInt8], _ name: String) -> String? {
        guard let path else { return nil }
        let temporary = "\(path)/.\(name)"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return "\(path): \(String(cString: strerror(errno)))" }
        let bytes = Array("\(Self.headerWord) \(body.count) \(Self.hex(Self.checksum(body)))\n".utf8) + body
        var isWritten = Self.writeAll(bytes, to: file)
        if isWritten { isWritten = fsync(file) == 0 }
        var code = errno
        close(file)
        if isWritten {
            isWritten = rename(temporary, "\(path)/\(name)") == 0
            code = errno
        }
        guard isWritten else {
            unlink(temporary)
            return "\(path): \(String(cString: strerror(code)))"
        }
        // The name is on disk only when its folder is.
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        return nil
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// The body; `nil` when the file is not a report, or not a whole one.
    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: entryLimitBytes + 128)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let read = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, room) }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { return nil }
            if read == 0 { break }
            count += read
        }
        let content = bytes[..<count]
        guard let lineEnd = content.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let words = content[..<lineEnd].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let body = Array(content[(lineEnd + 1)...])
        guard words.count == 3, words[0] == headerWord, Int(words[1]) == body.count, words[2] == hex(checksum(body))
        else { return nil }
        return body
    }

    private static func makeFolder(_ path: String) -> Bool {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0 && errno != EEXIST && access(made, F_OK) != 0 { return false }
        }
        return access(path, W_OK | X_OK) == 0
    }

    /// Names of files, sorted.
    private static func names(_ path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while names.count < mostNames, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if entry.pointee.d_type != UInt8(DT_DIR) { names.append(name) }
        }
        return names.sorted()
    }

    // MARK: Names and checksums

    /// Names sort as the times do: microseconds in sixteen digits last until the year 2286.
    private static func name(_ time: Timestamp, _ stepHash: UInt64) -> String {
        let digits = String(max(0, time.microseconds))
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits + "-" + hex(stepHash) + ".json"
    }

    private static func parts(of name: String) -> (Timestamp, UInt64)? {
        guard name.hasSuffix(".json") else { return nil }
        let parts = name.dropLast(".json".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), time >= 0, parts[1].count == 16,
            let hash = UInt64(parts[1], radix: 16)
        else { return nil }
        return (Timestamp(microseconds: time), hash)
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// FNV-1a, 64 bits: finds torn and mixed-up files; nobody has to be kept from forging one.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
