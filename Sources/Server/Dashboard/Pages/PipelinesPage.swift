import Builds
import Storage

/// `/ui/pipelines`: all of them by name.
struct PipelinesPage: Sendable {
    static let perPage = 100

    var pipelines: [StoredPipeline]
    /// The name the list begins at.
    var from: String?
    var isLast: Bool
    var server: String

    var body: HTML {
        if pipelines.isEmpty && from == nil { return GettingStarted(server: server).html }
        return """
            <h1>Pipelines</h1>
            <p class="lead">By name. <a href="/#opportunity">By opportunity</a> is on the overview.</p>
            <form method="get" action="/ui/pipelines" class="inline"><label for="from">Names from
            <input id="from" name="from" type="search" value="\(from ?? "")"></label><button class="secondary">Show</button></form>
            \(list)
            \(isLast ? nil : more)
            """
    }

    private var list: HTML {
        guard !pipelines.isEmpty else {
            return
                "<p>No pipeline comes after “\(from ?? "")” by name. <a href=\"/ui/pipelines\">From the first</a></p>"
        }
        return Table(
            caption: "Pipelines by name",
            columns: ["Pipeline", "Runs", "Out of memory", "Newest run", "It ended", "Began"],
            rows: pipelines.map { pipeline in
                [
                    Link.pipeline(pipeline.name).html("\(pipeline.name)"), "\(Figures.count(pipeline.runs))",
                    "\(Figures.count(pipeline.oomRuns))",
                    Link.run(pipeline.lastRunID.rawValue).html("\(pipeline.lastRunID.rawValue)"),
                    .status(pipeline.lastStatus), .time(pipeline.lastStartedAt),
                ]
            }, numeric: [1, 2]
        ).html
    }

    private var more: HTML? {
        pipelines.last.map { last in
            "<p class=\"pager\">\(Link("/ui/pipelines", ["after": last.name]).html("More pipelines"))</p>"
        }
    }
}

extension HTML {
    /// How a run or a step ended, in words and in colour.
    static func status(_ status: RunStatus?) -> HTML {
        switch status {
        case nil: "<span class=\"tag\">running</span>"
        case .success: "<span class=\"tag ok\">success</span>"
        case .failure: "<span class=\"tag warn\">failure</span>"
        case .error: "<span class=\"tag warn\">error</span>"
        case .timeout: "<span class=\"tag warn\">timeout</span>"
        case .cancellation: "<span class=\"tag\">cancelled</span>"
        case .oomKilled: "<span class=\"tag bad\">out of memory</span>"
        }
    }
}
