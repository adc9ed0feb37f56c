import Builds
import Contract

/// Reports as a table for people: a line a run, then what the recommended ones were predicted to need, and why.
struct RunTable {
    private let reports: [RunReportFile]

    init(_ reports: [RunReportFile]) { self.reports = reports }

    var text: String {
        let recommended = reports.filter { $0.jobsDecidedBy == .recommendation && $0.recommendation != nil }
        return ([alignedTable([Self.header] + reports.map(row))] + recommended.map(explanation)).joined(separator: "\n")
    }

    private static let header = ["settings", "wall", "CPU", "peak memory", "measured by", "result"]

    private func row(_ report: RunReportFile) -> [String] {
        let counters = report.counters
        let jobs = report.jobs.map { "-j\($0)" } ?? "own"
        return [
            report.jobsDecidedBy == .recommendation ? "\(jobs) (recommended)" : jobs,
            counters.wallSeconds.map(Quantity.duration(seconds:)) ?? "–",
            counters.cpuSeconds.map(Quantity.duration(seconds:)) ?? "–",
            report.peakBytes.map(Quantity.memory(bytes:)) ?? "–",
            counters.memorySource?.rawValue ?? "–",
            report.status.rawValue,
        ]
    }

    private func explanation(_ report: RunReportFile) -> String {
        guard let answer = report.recommendation else { return "" }
        let predicted = answer.predicted
        var rows = [["", "predicted", "measured"]]
        rows.append([
            "wall time",
            predicted.duration_s?.p50.map(Quantity.duration(seconds:)) ?? "–",
            report.counters.wallSeconds.map(Quantity.duration(seconds:)) ?? "–",
        ])
        rows.append([
            "peak memory",
            predicted.peak_memory_gb?.p50.map { Quantity.memory(bytes: Units.bytes(gib: $0)) } ?? "–",
            report.peakBytes.map(Quantity.memory(bytes:)) ?? "–",
        ])
        rows.append([
            "memory limit", Quantity.memory(bytes: Units.bytes(gib: answer.limits.mem_gb)),
            report.counters.oomKills.map { $0 > 0 ? "OOM kill" : "kept" } ?? "–",
        ])
        var lines = [
            "Recommended: \(answer.suggestions.concurrency) jobs, \(Quantity.decimal(answer.limits.cpu, places: 2)) cores, "
                + Quantity.memory(bytes: Units.bytes(gib: answer.limits.mem_gb))
                + predicted.oom_probability.map { " (OOM risk \(Quantity.percent($0)))" }.orEmpty
                + ", from \(answer.source.rawValue), \(answer.model_version)",
            alignedTable(rows),
            "Why: \(answer.rationale)",
        ]
        lines += answer.reasons.map { "  · \($0.text)" }
        lines += answer.guardrails.map {
            "  · guardrail \($0.name): \($0.setting.rawValue) \(Quantity.decimal($0.before, places: 2)) → "
                + Quantity.decimal($0.after, places: 2)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String? {
    fileprivate var orEmpty: String { self ?? "" }
}
