import Builds
import Storage

/// `/ui/oom`: every attempt that ran out of memory.
struct OOMPage: Sendable {
    static let perPage = 50
    /// Steps that are asked what they get next.
    static let stepsAsked = 5

    /// `nil`: of all of them.
    var pipeline: String?
    var kills: [OOMKill]
    /// Number of the last one shown, when there are more.
    var next: Int64?
    var isFirstPage: Bool

    var body: HTML {
        """
        \(pipeline.map { "<p class=\"crumbs\"><a href=\"/ui/oom\">All OOM kills</a> / \(Link.pipeline($0).html("\($0)"))</p>" as HTML })
        <h1>OOM kills</h1>
        <p class="lead">Attempts the kernel ended for memory, newest first. Exit code 137 alone proves nothing: these were counted by the
        cgroup, or said by the build.</p>
        \(list)
        \(next.map { "<p class=\"pager\">\(Link("/ui/oom", ["pipeline": pipeline, "before": String($0)]).html("Older"))</p>" as HTML })
        """
    }

    private var list: HTML {
        guard !kills.isEmpty else {
            return isFirstPage
                ? """
                <div class="note ok"><p>No run ran out of memory\(pipeline.map { " in \($0)" } ?? "").</p><p>For kills to be seen
                in every step, wrap builds with <code>inframind run</code> or run the <a href="/docs/agent">agent</a> on each node.</p></div>
                """ : "<p>There are no older ones.</p>"
        }
        let table = Table(
            caption: "Newest first",
            columns: ["What happened", "When", "Limit", "Peak seen", "After", "Attempt", "Next"],
            rows: kills.map { kill in
                [
                    Link.run(kill.kill.runID.rawValue).html("\(kill.sentence)"), .time(kill.outcome.startedAt),
                    "\(Figures.memory(kill.outcome.settings.memoryBytes))",
                    "\(Figures.memory(kill.outcome.usage.sizingPeakBytes))",
                    "\(Figures.duration(kill.outcome.usage.wallSeconds))", "\(kill.outcome.attempt)",
                    Link.whatIf(kill.outcome.step).html("Try a bigger size"),
                ]
            }, numeric: [2, 3, 4, 5])
        return "<section class=\"panel\" aria-label=\"OOM kills\">\(table.html)</section>"
    }
}
