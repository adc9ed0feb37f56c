import Optimizer

/// A backtest as people and programs read it.
struct BacktestDocument {
    private let report: BacktestReport
    private let loaded: LoadedHistory
    private let delay: Int
    private let seed: UInt64
    private let hasLightGBM: Bool

    init(_ report: BacktestReport, loaded: LoadedHistory, delay: Int, seed: UInt64, hasLightGBM: Bool) {
        self.report = report
        self.loaded = loaded
        self.delay = delay
        self.seed = seed
        self.hasLightGBM = hasLightGBM
    }

    // MARK: - For people

    /// Tables and sentences for a terminal.
    var text: String {
        let tables = [scores, sizes, comparisons].compactMap(\.self)
        let lists = [notes, verdicts].map { $0.joined(separator: "\n") + "\n" }
        return ([lists[0]] + tables.map(alignedTable) + [lists[1]]).joined(separator: "\n")
    }

    /// The same as a page of Markdown.
    var markdown: String {
        let tables = [scores, sizes, comparisons].compactMap(\.self).map(Self.markdownTable)
        let lists = [verdicts, notes].map { $0.map { "- \($0)\n" }.joined() }
        return (["# Backtest\n", lists[0]] + tables + [lists[1]]).joined(separator: "\n")
    }

    private static func markdownTable(_ rows: [[String]]) -> String {
        var lines = rows.map { row in
            "| " + row.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ") + " |"
        }
        if let columns = rows.first?.count {
            lines.insert("|" + String(repeating: " --- |", count: columns), at: 1)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var notes: [String] {
        var notes = [
            "\(report.builds) builds of \(loaded.pipelineCount) pipeline\(loaded.pipelineCount == 1 ? "" : "s") from "
                + "\(printable(loaded.origin)); "
                + "the last \(report.scoredBuilds) count, the first tenth only teaches."
        ]
        if delay > 0 { notes.append("Outcomes arrive \(delay) builds late.") }
        for reason in SkipReason.allCases {
            if let count = loaded.skipped[reason] { notes.append("\(count) rows left out: \(reason.rawValue).") }
        }
        if loaded.requestCount == 0 {
            notes.append("No build says what it was given, so the current settings are not compared.")
        } else if loaded.requestCount < report.builds {
            notes.append(
                "\(report.builds - loaded.requestCount) builds do not say what they were given; for the current "
                    + "settings they get what the last build like them did.")
        }
        if !report.hasDurations {
            notes.append("Durations are not recorded: every build counts as an hour, and time and cost are left out.")
        } else if loaded.history.builds.contains(where: { $0.question.jobs == nil }) {
            notes.append("Jobs are not recorded for all builds, so cost is mostly that of memory.")
        }
        if !hasLightGBM {
            notes.append(
                "LightGBM was not found, so InfraMind is the closed form alone. Set \(LightGBMSearch.variable) to "
                    + "lib_lightgbm.so to add the trees.")
        }
        return notes
    }

    private var verdicts: [String] { report.rows.compactMap(\.verdict) }

    private var scores: [[String]] {
        var header = ["policy", "risk", "killed", "allocated/used", "waste/used", "median"]
        if report.hasDurations { header += ["GiB·h held", "hours", "cost, $"] }
        return [header]
            + report.rows.map { row in
                let score = row.score
                var cells = [
                    row.name, row.risk.map(Quantity.percent) ?? "–", Self.shares(score.killed),
                    Self.ratios(score.allocatedToUsed), Self.ratios(score.wasteToUsed),
                    Self.fixed(score.medianRatio.value, places: 2),
                ]
                if report.hasDurations {
                    cells += [
                        Self.hours(score.reservedGiBHours.value), Self.hours(score.wallHours.value),
                        Self.fixed(score.costUSD.value, places: 2),
                    ]
                }
                return cells
            }
    }

    private var sizes: [[String]]? {
        let header = ["killed by expected size", "smallest 25 %", "to 50 %", "to 75 %", "to 90 %", "largest 10 %"]
        return [header + ["first 3 builds"]]
            + report.rows.map { row in
                [Self.label(row)]
                    + (row.score.killedBySize + [row.score.killedAtFirst]).map { $0.map { Self.share($0) } ?? "–" }
            }
    }

    private var comparisons: [[String]]? {
        let compared = report.rows.filter { $0.comparison != nil }
        guard !compared.isEmpty else { return nil }
        var header = ["against", "killed, points", "allocated", "waste"]
        if report.hasDurations { header.append("cost") }
        return [header]
            + compared.compactMap { row in
                guard let comparison = row.comparison else { return nil }
                var cells = [
                    "\(Self.label(row)) against \(comparison.rival)",
                    Self.interval(comparison.killed) { Self.signed($0, places: 2) },
                    Self.interval(comparison.allocated) { Self.signed($0, places: 1) + " %" },
                    Self.interval(comparison.waste) { Self.signed($0, places: 1) + " %" },
                ]
                if report.hasDurations {
                    cells.append(Self.interval(comparison.cost) { Self.signed($0, places: 1) + " %" })
                }
                return cells
            }
    }

    // MARK: - Numbers

    private static func label(_ row: BacktestReport.Row) -> String {
        row.name + (row.risk.map { ", \(Quantity.percent($0))" } ?? "")
    }

    private static func shares(_ estimate: Estimate) -> String { interval(estimate) { share($0) } }
    private static func ratios(_ estimate: Estimate) -> String { interval(estimate) { fixed($0, places: 2) } }
    private static func share(_ value: Double) -> String { fixed(100 * value, places: 2) + " %" }

    /// Short sums keep decimals that say something.
    private static func hours(_ value: Double) -> String { fixed(value, places: value < 100 ? 2 : 0) }

    private static func interval(_ estimate: Estimate, _ text: (Double) -> String) -> String {
        "\(text(estimate.value)) [\(text(estimate.low)), \(text(estimate.high))]"
    }

    /// A share in percent with its sign.
    private static func signed(_ share: Double, places: Int) -> String {
        (share > 0 ? "+" : "") + fixed(100 * share, places: places)
    }

    /// With exactly `places` decimals, so that columns can be read down.
    static func fixed(_ value: Double, places: Int) -> String {
        let short = Quantity.decimal(value, places: places)
        guard places > 0, short != "unknown" else { return short }
        let digits = short.split(separator: ".").dropFirst().first?.count ?? 0
        return short + (digits == 0 ? "." : "") + String(repeating: "0", count: places - digits)
    }

    // MARK: - For programs

    /// The report with how it came about.
    struct JSON: Encodable {
        var source: String
        var pipelines: Int
        var delay: Int
        var seed: UInt64
        var lightgbm: Bool
        var skipped: [String: Int]
        var report: BacktestReport
    }

    var json: JSON {
        JSON(
            source: loaded.origin, pipelines: loaded.pipelineCount, delay: delay, seed: seed, lightgbm: hasLightGBM,
            skipped: Dictionary(uniqueKeysWithValues: loaded.skipped.map { ($0.key.rawValue, $0.value) }),
            report: report)
    }
}
