import Builds
import FoundationEssentials
import Glibc

/// Reports the server could not take, kept on disk until it can: one JSON file each, named by the time it was written.
///
/// When the spool is full the *oldest* stay and new ones are refused and counted: a long outage then still tells how it
/// began, and a broken server cannot make the spool churn. Files:
///
///     TIME-RANDOM.json    a report, oldest first by name
///     rejected/           reports the server will never take, or that cannot be read; the newest hundred
///     refused             how many reports found no room
///     write.lock          held while a report is added
///     send.lock           held while reports are sent, so that two processes do not send the same
public struct Spool: Sendable {
    public let path: String
    public let bounds: Bounds

    /// How much may wait.
    public struct Bounds: Hashable, Sendable {
        public var reports: Int
        public var totalBytes: Int
        /// Rejected reports kept for a person to look at.
        public var rejected: Int

        /// A report has 2–5 KiB: a thousand is a busy day of one worker, and 64 MiB is never reached by honest reports.
        public init(reports: Int = 1000, totalBytes: Int = 64 << 20, rejected: Int = 100) {
            self.reports = reports
            self.totalBytes = totalBytes
            self.rejected = rejected
        }
    }

    /// Largest single report, in bytes.
    static let mostReportBytes = 1 << 20

    /// How long to wait for others who add a report.
    private let lockPatience: Duration

    /// Directory entries looked at: more than the bounds allow, so that a spool filled by hand is still seen as full.
    private static let mostEntries = 10_000

    /// - Parameters:
    ///   - path: an existing folder, as ``StateDirectory/spoolPath(environment:)`` gives it.
    ///   - lockPatience: how long to wait for others who add a report. Adding one takes a millisecond: a tenth of a second
    ///     is enough for dozens of others, and the build waits as long.
    public init(path: String, bounds: Bounds = Bounds(), lockPatience: Duration = .milliseconds(100)) {
        self.path = path
        self.bounds = bounds
        self.lockPatience = lockPatience
    }

    /// What the spool holds now.
    public struct State: Hashable, Sendable {
        public var reports: Int
        public var totalBytes: Int
        public var rejected: Int
        /// Reports that found the spool full, ever.
        public var refused: Int
    }

    /// Keeps `report` for later.
    ///
    /// - Throws: ``SpoolError``.
    public func add(_ report: RunReport, at now: Timestamp, random: UInt32) throws(SpoolError) {
        // The lock only keeps the bounds exact. Who holds it for long hangs, and then a report more is better than none.
        let lock = FileLock(path: path + "/write.lock", patience: lockPatience)
        defer { lock?.unlock() }
        let bytes: [UInt8]
        do {
            bytes = Array(try JSONEncoder().encode(report))
        } catch {
            throw .unwritable("the report cannot be written as JSON: \(error)")
        }
        let names = reportNames()
        let used = names.reduce(0) { $0 + Folder.size(of: "\(path)/\($1)") }
        guard bytes.count <= Self.mostReportBytes, names.count < bounds.reports, used + bytes.count <= bounds.totalBytes
        else {
            countRefused()
            throw .full
        }
        do {
            try Folder.write(bytes, to: "\(path)/\(Self.name(at: now, random: random))")
        } catch {
            throw .unwritable("\(error)")
        }
    }

    public func state() -> State {
        let names = reportNames()
        return State(
            reports: names.count, totalBytes: names.reduce(0) { $0 + Folder.size(of: "\(path)/\($1)") },
            rejected: Folder.names(in: path + "/rejected", suffix: ".json", limit: Self.mostEntries).count,
            refused: refusedCount())
    }

    /// Names of the waiting reports, oldest first.
    func reportNames() -> [String] {
        Folder.names(in: path, suffix: ".json", limit: Self.mostEntries)
    }

    /// Takes a report out of the way without losing it; beyond the bound the oldest rejected one goes.
    func reject(_ name: String) {
        let folder = path + "/rejected"
        guard Folder.makePrivate(at: folder) else {
            unlink("\(path)/\(name)")
            return
        }
        rename("\(path)/\(name)", "\(folder)/\(name)")
        let names = Folder.names(in: folder, suffix: ".json", limit: Self.mostEntries)
        for name in names.dropLast(bounds.rejected) { unlink("\(folder)/\(name)") }
    }

    /// Names sort as the times do: microseconds in sixteen digits last until the year 2286.
    private static func name(at now: Timestamp, random: UInt32) -> String {
        let digits = String(max(0, now.microseconds))
        let hex = String(random, radix: 16)
        let time = String(repeating: "0", count: max(0, 16 - digits.count)) + digits
        return time + "-" + String(repeating: "0", count: max(0, 8 - hex.count)) + hex + ".json"
    }

    private func refusedCount() -> Int {
        guard let bytes = Folder.read(path + "/refused", atMost: 32) else { return 0 }
        return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
    }

    /// A count that cannot be written is not worth an error: the caller already gets one.
    private func countRefused() {
        let (next, overflow) = refusedCount().addingReportingOverflow(1)
        try? Folder.write(Array(String(overflow ? 1 : next).utf8), to: path + "/refused")
    }
}

/// Why a report was not kept.
public enum SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no room; the report was counted and dropped.
    case full
    case unwritable(String)

    public var description: String {
        switch self {
        case .full: "the spool is full; the report was dropped"
        case .unwritable(let reason): reason
        }
    }
}
