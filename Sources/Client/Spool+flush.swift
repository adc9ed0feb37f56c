import FoundationEssentials
import Glibc

extension Spool {
    /// What became of the waiting reports.
    public struct Flush: Hashable, Sendable {
        public var sent = 0
        /// Moved to `rejected/`.
        public var rejected = 0
        /// Still waiting.
        public var remaining = 0
        /// Another process is sending; nothing was tried.
        public var isBusy = false
        /// What ended it early.
        public var stoppedBy: ClientError?

        public init() {}
    }

    /// Sends the waiting reports, oldest first, until `budget` is used up or the server fails.
    ///
    /// A report leaves the spool only after `send` returned. One the server will never take is moved aside so that it
    /// cannot hold up the others; one that only failed now ends the flush, since the next would fail as well.
    /// - Parameter send: sends one report within the time given.
    public func flush(
        within budget: Duration, send: (RunReport, Duration) async throws(ClientError) -> Void
    ) async -> Flush {
        var result = Flush()
        guard let lock = FileLock(path: path + "/send.lock") else {
            result.remaining = reportNames().count
            result.isBusy = true
            return result
        }
        defer { lock.unlock() }
        let deadline = ContinuousClock.now + budget
        let names = reportNames()
        for name in names {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero || Task.isCancelled { break }
            guard let report = report(in: name) else {
                reject(name)
                result.rejected += 1
                continue
            }
            do {
                try await send(report, left)
                unlink("\(path)/\(name)")
                result.sent += 1
            } catch {
                guard error.isPermanent else {
                    result.stoppedBy = error
                    break
                }
                reject(name)
                result.rejected += 1
            }
        }
        result.remaining = names.count - result.sent - result.rejected
        return result
    }

    /// - Returns: `nil` when the file is no report of a format this program knows.
    private func report(in name: String) -> RunReport? {
        guard let bytes = Folder.read("\(path)/\(name)", atMost: Self.mostReportBytes),
            let report = try? JSONDecoder().decode(RunReport.self, from: Data(bytes)),
            report.format == RunReport.currentFormat
        else { return nil }
        return report
    }
}
