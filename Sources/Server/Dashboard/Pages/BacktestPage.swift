import Builds
import Optimizer

/// `/ui/backtest`: what other policies would have cost on the builds that really ran.
struct BacktestPage: Sendable {
    /// Fewer say nothing about rare kills.
    private static let fewestBuilds = 10

    var pipeline: String
    /// `nil` while it is worked out.
    var result: Backtests.Result?

    var body: HTML {
        """
        <p class="crumbs"><a href="/ui/pipelines">Pipelines</a> / \(Link.pipeline(pipeline).html("\(pipeline)"))</p>
        <h1>Backtest of \(pipeline)</h1>
        <p class="lead">Every limit is set from the outcomes of earlier builds only: what would have been killed, wasted and paid, had each
        policy decided.</p>
        \(content)
        <p class="quiet">On the command line, with all builds and trained models:
        <code>inframind backtest --pipeline \(pipeline)</code></p>
        """
    }

    private var content: HTML {
        guard let result else {
            return """
                <div class="note" role="status"><p>It is being worked out, which takes some seconds. Load the page again.</p>
                <p>\(Link("/ui/backtest", ["pipeline": pipeline]).html("Load again"))</p></div>
                """
        }
        guard result.report.builds >= Self.fewestBuilds else {
            return """
                <div class="note"><p>\(Figures.count(Int64(result.report.builds), "build")) with a known peak and duration:
                \(Self.fewestBuilds) are the least that say anything. \(leftOut(result))</p></div>
                """
        }
        return
            """
            \(verdict(result.report))<section class="panel" aria-label="Policies">\(table(result.report))
            <p class="quiet">\(basis(result)) \(leftOut(result))</p></section>
            """
    }

    private func verdict(_ report: BacktestReport) -> HTML? {
        report.rows.compactMap(\.verdict).first.map { "<div class=\"note\"><p>\($0)</p></div>" }
    }

    private func table(_ report: BacktestReport) -> HTML {
        let interval = { (estimate: Estimate, text: (Double) -> String) -> HTML in
            """
            \(text(estimate.value)) <span class="quiet">\(text(estimate.low)) – \(text(estimate.high))</span>
            """
        }
        let times = { (value: Double) in "\(Figures.rounded(value, decimals: 2))×" }
        return Table(
            caption: "Ours first; beside each number the interval that holds it in 95 % of resamples",
            columns: ["Policy", "Killed at first try", "Reserved to used", "Wasted to used", "Cost", "Hours"],
            rows: report.rows.map { row in
                [
                    "\(row.name)\(row.risk.map { " at \(Figures.percent($0)) risk" } ?? "")",
                    interval(row.score.killed) { Figures.percent($0) }, interval(row.score.allocatedToUsed, times),
                    interval(row.score.wasteToUsed, times), interval(row.score.costUSD) { Figures.dollars($0) },
                    "\(Figures.rounded(row.score.wallHours.value, decimals: 2))",
                ]
            }, numeric: [1, 2, 3, 4, 5]
        ).html
    }

    private func basis(_ result: Backtests.Result) -> String {
        "\(Figures.count(Int64(result.report.builds), "build")), \(Figures.count(Int64(result.report.scoredBuilds))) of them scored"
            + (result.isCut ? " (the first \(result.attempts) attempts)." : ".")
    }

    private func leftOut(_ result: Backtests.Result) -> String {
        let parts = result.leftOut.sorted { $0.key.rawValue < $1.key.rawValue }.map { reason, count in
            switch reason {
            case .killed: "\(count) killed for memory"
            case .cutShort: "\(count) not finished"
            case .withoutPeak: "\(count) without a peak"
            case .withoutDuration: "\(count) without a duration"
            }
        }
        return parts.isEmpty ? "" : "Left out: " + parts.joined(separator: ", ") + "."
    }
}
