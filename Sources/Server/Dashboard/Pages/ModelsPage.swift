import Builds
import Storage

/// `/ui/models`: which model is in force, how good each was, and whether promises are kept.
struct ModelsPage: Sendable {
    static let weeks = 26
    /// Versions shown, the newest.
    static let mostModels = 50

    var models: [StoredModel]
    /// Newest first.
    var weeks: [UsageWeek]
    var canTrain: Bool
    var observedRuns: Int
    var session: Session
    /// What came of the last click.
    var notice: String?

    var body: HTML {
        let promise = Promise(weeks.reduce(UsageFigures()) { $0 + $1.figures })
        return """
            <h1>Models and calibration</h1>
            <p class="lead">\(Figures.count(Int64(observedRuns), "attempt")) learned. The closed form decides from the first run on; a trained
            model may correct it once it has beaten it on runs it has not seen.</p>
            \(notice.map { "<div class=\"note\" role=\"status\"><p>\($0)</p></div>" as HTML })
            <section class="panel"><h2>Is the promise kept? \(promise.tag)</h2><p>\(promise.text)</p>\(calibration.chart.html)</section>
            <section class="panel"><h2>Versions</h2>\(versions)\(actions)</section>
            """
    }

    private var calibration: BarChart {
        BarChart(
            title: "Runs out of memory, promised and come", names: ("promised", "came"),
            bars: weeks.reversed().map {
                .init(
                    label: Figures.day($0.week.start), first: $0.figures.promisedOOMRuns,
                    second: $0.figures.followedOOMRuns)
            }, unit: { Figures.rounded($0, decimals: $0 < 1 ? 3 : 1) })
    }

    private var versions: HTML {
        guard !models.isEmpty else {
            return """
                <p>No model was trained yet: the closed form decides. Training begins by itself when enough was learned, if LightGBM is
                there; <a href="/readyz">/readyz</a> says whether it is, <a href="/docs/operations">Operating</a> how to get it.</p>
                """
        }
        return Table(
            caption: "Evaluated on the newest runs, which it was not trained on; less loss is better",
            columns: ["Version", "Trained", "In force", "Loss", "Rival’s loss", "Mean error", "Coverage", "Rows"]
                + (mayOperate ? ["Put into force"] : []),
            rows: models.prefix(Self.mostModels).map(row), numeric: [3, 4, 5, 6, 7]
        ).html
    }

    private var mayOperate: Bool { session.caller.may(.operate) }

    private func row(_ model: StoredModel) -> [HTML] {
        let number = { (name: String) -> HTML in
            "\(model.metrics[name].map { Figures.rounded($0, decimals: 4) } ?? "–")"
        }
        return [
            "\(model.version)", .time(model.createdAt),
            model.isActive ? "<span class=\"tag ok\">in force</span>" : "", number("pinball_loss"),
            number(ModelChoice.rivalLoss), number("mae"), "\(Figures.percent(model.metrics["coverage"]))",
            number("rows"),
        ] + (mayOperate ? [model.isActive ? "" : activation(model.version, "Use this")] : [])
    }

    private func activation(_ version: String, _ text: String) -> HTML {
        """
        <form method="post" action="/ui/models/activate">\(session.formField)<input type="hidden" name="version" value="\(version)">\
        <button class="secondary small">\(text)</button></form>
        """
    }

    private var actions: HTML? {
        guard mayOperate else {
            return "<p class=\"quiet\">Training and choosing takes a token with the scope “operate”.</p>"
        }
        return """
            <div class="fields">
            \(canTrain ? "<form method=\"post\" action=\"/ui/models/train\">\(session.formField)<button>Train now</button></form>" : nil as HTML?)
            \(models.contains(where: \.isActive) ? activation("none", "Use the closed form alone") : nil)
            </div>
            """
    }
}
