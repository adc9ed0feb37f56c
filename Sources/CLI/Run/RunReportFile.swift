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

    /// - Throws: ``FileError``, or what the encoder throws.
    func write(to path: String) throws {
        let bytes = Array((try prettyJSON(self) + "\n").utf8)
        var status = stat()
        if lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG {
            // A link, a pipe or a device is written to. Putting a file in its place would break it for everybody:
            // /dev/stdout is a link, and root may replace it.
            let file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
            guard file >= 0 else { throw FileError(call: "open", path: path, code: errno) }
            defer { close(file) }
            guard bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count else {
                throw FileError(call: "write", path: path, code: errno)
            }
        } else {
            // As any program's output: readable by all, as far as the umask lets it.
            try Folder.write(bytes, to: path, mode: 0o644)
        }
    }
}
