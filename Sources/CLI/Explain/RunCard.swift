import Builds
import Contract

/// A run as a page for a person: how it ended, what its steps used against what they were given, what stood out.
struct RunCard {
    let run: RunAnswer

    init(_ run: RunAnswer) { self.run = run }

    var text: String {
        [headline, steps, events, recommendation].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var headline: String {
        let attempt = run.attempt.flatMap { $0 > 1 ? ", attempt \($0)" : nil } ?? ""
        let ending = run.status.map { status in
            let duration = run.duration_s.map { " after \(Quantity.duration(seconds: $0))" } ?? ""
            return "\(status.rawValue)\(duration)"
        }
        return "Run \(printable(run.run_id)) of \(printable(run.pipeline))\(attempt): \(ending ?? "still running")"
    }

    private var steps: String {
        if run.steps.isEmpty { return "" }
        return alignedTable(
            [["step", "ended", "wall", "CPU", "peak memory", "limit", "jobs"]]
                + run.steps.map { step in
                    let usage = step.counters
                    let name = [step.stage, step.step].filter { !$0.isEmpty }.joined(separator: "/")
                    return [
                        printable(name), ending(step), seconds(usage?.wallSeconds), seconds(usage?.cpuSeconds),
                        (usage?.unreclaimablePeakBytes ?? usage?.peakMemoryBytes ?? usage?.peakRSSBytes)
                            .map { Quantity.memory(bytes: Int64($0)) } ?? "–",
                        (usage?.settings?.memoryGiB ?? run.requested_resources.memoryGiB)
                            .map { Quantity.memory(bytes: Units.bytes(gib: $0)) } ?? "–",
                        (usage?.settings?.concurrency ?? run.requested_resources.concurrency)
                            .map { "-j\(Quantity.decimal($0, places: 0))" } ?? "–",
                    ]
                })
    }

    private func seconds(_ value: Double?) -> String { value.map { Quantity.duration(seconds: $0) } ?? "–" }

    private func ending(_ step: RunAnswer.Step) -> String {
        guard let counters = step.counters else { return "running" }
        if let kills = counters.oomKills, kills > 0 { return "OOM killed" }
        if let signal = counters.signal, signal != 0 { return "signal \(signal)" }
        if let code = counters.exitCode { return code == 0 ? "ok" : "exit \(code)" }
        return "–"
    }

    private var events: String {
        if run.events.isEmpty { return "" }
        return (["What stood out"] + run.events.map { "  - \(printable($0.step)): \(printable($0.text))" })
            .joined(separator: "\n")
    }

    private var recommendation: String {
        run.recommendation_id == nil
            ? "It followed no recommendation: nobody asked, or the command stated its own settings."
            : "It followed recommendation \(printable(run.recommendation_id ?? "")):"
    }
}
