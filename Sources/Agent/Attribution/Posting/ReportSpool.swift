import Builds
import Glibc

/// Reports that the server does not have yet, one file each, so that they outlive the agent.
///
/// A file is whole or not there: it is written under another name, forced to disk, and renamed. Forcing takes some
/// milliseconds and happens once for each step, not for each scrape. What still turns out damaged is put aside for a
/// person to look at. Files:
///
///     TIME-KEY.json    a report: a line with its kind, length and checksum, then the body
///     damaged/         files that are not what that line says; the newest twenty
///
/// When the spool is full the *oldest* goes, and is counted: usage of last week's outage is worth less than today's. Early
/// reports of steps that run go before any last one.
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
        /// Whether it waits for a run to become known: a last report does, and so does what took the place of one.
        var isKept: Bool
        var byteCount: Int
        /// Until it is in a file, and where it could not be written to one.
        var body: [UInt8]?
        /// True until writing it has been tried.
        var isNew = false

        var name: String { ReportSpool.name(time, stepHash) }

        func isSame(as other: Entry) -> Bool { time == other.time && stepHash == other.stepHash }
    }

    /// Oldest first.
    private(set) var entries: [Entry] = []
    private(set) var drops: [DropReason: Int] = [:]
    /// Why reports are kept in memory alone; `nil` while they are not.
    private(set) var reasonForMemory: String?

    private let path: String?
    private let bounds: Bounds
    /// Files of reports that others replaced. They stay until those are in files.
    private var replacedNames: [String] = []

    private static let entryLimitBytes = 64 << 10
    private static let mostDamaged = 20
    private static let mostNames = 10_000
    private static let headerWord = "inframind-usage-2"
    /// Without a kind; all were last reports.
    private static let formerHeaderWord = "inframind-usage-1"
    private static let keptWord = "kept"
    private static let passingWord = "passing"

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

    /// Keeps a report until ``remove(_:)``, in place of an earlier one of the same step. It is in memory alone until
    /// ``persist()``, so that it can leave before the disk is waited for.
    ///
    /// - Parameter isKept: false for a report that another will follow.
    mutating func add(_ body: [UInt8], of stepHash: UInt64, at time: Timestamp, isKept: Bool) {
        guard body.count <= Self.entryLimitBytes else { return drop(.refused) }
        let earlier = entries.filter { $0.stepHash == stepHash }
        var entry = Entry(time: time, stepHash: stepHash, isKept: isKept, byteCount: body.count, body: body)
        entry.isNew = path != nil
        for old in earlier {
            entry.isKept = entry.isKept || old.isKept
            // The clock may have been set back; of two files of one step the name tells which is newer.
            entry.time = max(entry.time, Timestamp(microseconds: old.time.microseconds + 1))
            entries.removeAll(where: old.isSame)
            if old.body == nil { replacedNames.append(old.name) }
        }
        entries.append(entry)
        trim()
    }

    /// Puts into files what came since the last time and is still there.
    mutating func persist() {
        for index in entries.indices where entries[index].isNew {
            entries[index].isNew = false
            guard let body = entries[index].body else { continue }
            reasonForMemory = write(body, entries[index])
            if reasonForMemory == nil { entries[index].body = nil }
        }
        guard let path else { return }
        for name in replacedNames { unlink("\(path)/\(name)") }
        replacedNames = []
    }

    /// The report's body; `nil`, and the report is gone, when its file is not what was written.
    mutating func body(of entry: Entry) -> [UInt8]? {
        if let body = entry.body { return body }
        guard let path else { return nil }
        if let file = Self.read("\(path)/\(entry.name)") { return file.body }
        setAside(entry.name)
        entries.removeAll(where: entry.isSame)
        return nil
    }

    mutating func remove(_ entry: Entry) {
        // It may have been written, or replaced, since the caller took it.
        guard let index = entries.firstIndex(where: entry.isSame) else { return }
        let removed = entries.remove(at: index)
        if removed.body == nil, let path { unlink("\(path)/\(removed.name)") }
    }

    mutating func drop(_ entry: Entry, _ reason: DropReason) {
        remove(entry)
        drop(reason)
    }

    private mutating func drop(_ reason: DropReason) { drops[reason, default: 0] += 1 }

    private mutating func trim() {
        while entries.count > bounds.reports || totalBytes > bounds.totalBytes,
            let first = entries.first(where: { !$0.isKept }) ?? entries.first
        {
            drop(first, .full)
        }
    }

    private mutating func load(_ path: String) {
        for name in Self.names(path) {
            if name.hasPrefix(".") {
                unlink("\(path)/\(name)")  // left behind by an agent that was killed while it wrote
                continue
            }
            guard let (time, hash) = Self.parts(of: name), let file = Self.read("\(path)/\(name)") else {
                setAside(name)
                continue
            }
            // Killed between writing the newer and removing the older.
            for old in entries where old.stepHash == hash { remove(old) }
            entries.append(Entry(time: time, stepHash: hash, isKept: file.isKept, byteCount: file.body.count))
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
    private func write(_ body: [UInt8], _ entry: Entry) -> String? {
        guard let path else { return nil }
        let name = entry.name
        let temporary = "\(path)/.\(name)"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return "\(path): \(String(cString: strerror(errno)))" }
        let kind = entry.isKept ? Self.keptWord : Self.passingWord
        let header = "\(Self.headerWord) \(kind) \(body.count) \(Self.hex(Self.checksum(body)))\n"
        var isWritten = Self.writeAll(Array(header.utf8) + body, to: file)
        // What another report follows need not survive the machine, only the agent.
        if isWritten && entry.isKept { isWritten = fsync(file) == 0 }
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
        guard entry.isKept else { return nil }
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

    /// The body and its kind; `nil` when the file is not a report, or not a whole one.
    private static func read(_ path: String) -> (body: [UInt8], isKept: Bool)? {
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
        var words = content[..<lineEnd].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let body = Array(content[(lineEnd + 1)...])
        if words.first == formerHeaderWord {
            words.insert(keptWord, at: 1)
        } else if words.first != headerWord {
            return nil
        }
        guard words.count == 4, [keptWord, passingWord].contains(words[1]), Int(words[2]) == body.count,
            words[3] == hex(checksum(body))
        else { return nil }
        return (body, words[1] == keptWord)
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
