import Builds
import Client
import Contract
import Glibc

/// The file of `run --report`: what was recommended, what was set, what was measured, and who knows about it.
struct RunReportFile: Codable, Sendable {
    var runID: String
    var pipeline: String
    var stage: String
    var step: String
    var command: [String]
    var status: RunStatus
    var jobs: Int?
    /// Who decided the jobs: `command`, `flag`, `recommendation` or `tool`.
    var jobsDecidedBy: SizingPlan.Decider
    /// What was used, under the names of the wire contract.
    var counters: Counters
    var recommendation: OptimizeAnswer?
    /// `sent`, `spooled` or `lost`.
    var delivery: String
    var deliveryReason: String?
    /// What could not be measured here, and why.
    var notes: [String]

    enum CodingKeys: String, CodingKey {
        case pipeline, stage, step, command, status, jobs, counters, recommendation, delivery, notes
        case runID = "run_id"
        case jobsDecidedBy = "jobs_decided_by"
        case deliveryReason = "delivery_reason"
    }

    init(
        _ report: RunReport, plan: SizingPlan, command: [String], status: RunStatus, delivery: RunReporter.Delivery,
        notes: [String]
    ) {
        runID = report.run.id.rawValue
        pipeline = report.run.pipeline
        stage = report.steps.first?.stage ?? ""
        step = report.steps.first?.step ?? ""
        self.command = command
        self.status = status
        jobs = plan.jobs
        jobsDecidedBy = plan.decider
        counters = Counters(report.steps.first?.stop ?? StepStop(stoppedAt: report.run.startedAt, usage: Usage()))
        recommendation = plan.recommendation
        switch delivery {
        case .sent: self.delivery = "sent"
        case .spooled(let reason): (self.delivery, deliveryReason) = ("spooled", reason)
        case .lost(let reason): (self.delivery, deliveryReason) = ("lost", reason)
        }
        self.notes = notes
    }

    /// The peak that sizes: of what cannot be reclaimed, else the kernel's mark, else the largest process.
    var peakBytes: Int64? {
        let peak = counters.unreclaimablePeakBytes ?? counters.peakMemoryBytes ?? counters.peakRSSBytes
        return peak.map { Units.bytes(gib: $0 / Units.bytesPerGiB) }
    }

    /// - Throws: ``FileError``, or what the encoder throws.
    func write(to path: String) throws {
        let bytes = Array((try prettyJSON(self) + "\n").utf8)
        var status = stat()
        if lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG {
            // A link, a pipe or a device is written to. Putting a file in its place would break it for everybody:
            // /dev/stdout is a link, and root may replace it.
            // A pipe that nobody reads must not hold up the end of a build.
            let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK)
            guard file >= 0 else { throw FileError(call: "open", path: path, code: errno) }
            defer { close(file) }
            try Self.write(bytes, to: file, path)
        } else {
            // As any program's output: readable by all, as far as the umask lets it.
            try Folder.write(bytes, to: path, mode: 0o644)
        }
    }

    /// What a slow reader gets between two pieces, in milliseconds: a terminal or a log collector needs far less.
    private static let patienceMilliseconds: Int32 = 1000

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            let code = errno
            var writable = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
            guard code == EINTR || code == EAGAIN && poll(&writable, 1, patienceMilliseconds) > 0 else {
                throw FileError(call: "write", path: path, code: code)
            }
        }
    }
}
