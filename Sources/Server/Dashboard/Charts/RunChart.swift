/// One figure of each run over time: what was measured, the band that was predicted, the limit, and what went wrong.
struct RunChart: Sendable {
    struct Point: Sendable {
        /// When, and which run.
        var label: String
        var link: Link
        var measured: Double?
        /// What was expected, and what it was to stay below.
        var predicted: (expected: Double, high: Double)?
        var limit: Double?
        var mark: Mark?
    }

    /// What stands out in a run.
    enum Mark: String, Sendable {
        case oom, failed, drift, anomaly

        var text: String {
            switch self {
            case .oom: "out of memory"
            case .failed: "failed"
            case .drift: "drift"
            case .anomaly: "anomaly"
            }
        }
    }

    var title: String
    var noun: String
    /// Oldest first.
    var points: [Point]
    var unit: @Sendable (Double) -> String
    var hasLimit = false

    var chart: Chart {
        let values = points.flatMap { [$0.measured, $0.predicted?.high, hasLimit ? $0.limit : nil] }.compactMap(\.self)
        let plot = Plot(largest: values.max() ?? 1, count: points.count)
        return Chart(
            title: title, summary: summary,
            drawing: [plot.axis(unit), bands(plot), limits(plot), measurements(plot), plot.labels(points.map(\.label))]
                .joined(),
            legend: legend, table: table)
    }

    private func bands(_ plot: Plot) -> HTML {
        let pieces: [HTML] = points.enumerated().compactMap { place, point in
            guard let predicted = point.predicted else { return nil }
            let (low, high) = (plot.y(predicted.expected), plot.y(predicted.high))
            return """
                <rect class="band" x="\(at: plot.x(place) - plot.slot / 2)" width="\(at: plot.slot)" y="\(at: min(low, high))" \
                height="\(at: max(2, abs(low - high)))"/>
                """
        }
        return pieces.joined()
    }

    private func limits(_ plot: Plot) -> HTML {
        guard hasLimit else { return "" }
        let pieces: [HTML] = points.enumerated().compactMap { place, point in
            guard let limit = point.limit else { return nil }
            let y = plot.y(limit)
            return """
                <line class="limit" x1="\(at: plot.x(place) - plot.slot / 2)" x2="\(at: plot.x(place) + plot.slot / 2)" \
                y1="\(at: y)" y2="\(at: y)"/>
                """
        }
        return pieces.joined()
    }

    private func measurements(_ plot: Plot) -> HTML {
        let pieces: [HTML] = points.enumerated().compactMap { place, point in
            let x = plot.x(place)
            let y = plot.y(point.measured ?? point.limit ?? 0)
            let dot: HTML? = point.measured.map { _ in
                "<circle class=\"dot\" cx=\"\(at: x)\" cy=\"\(at: y)\" r=\"3.5\"/>"
            }
            // Shapes differ, not only colours.
            let mark: HTML? = point.mark.map { mark in
                switch mark {
                case .oom:
                    """
                    <path class="mark-oom" d="M\(at: x - 6) \(at: y - 6)L\(at: x + 6) \(at: y + 6)M\(at: x + 6) \(at: y - 6)\
                    L\(at: x - 6) \(at: y + 6)"/>
                    """
                case .failed: "<circle class=\"mark-failed\" cx=\"\(at: x)\" cy=\"\(at: y)\" r=\"6.5\"/>"
                case .drift, .anomaly:
                    """
                    <path class="mark-\(mark.rawValue)" d="M\(at: x) \(at: y - 16)L\(at: x + 6) \(at: y - 7)L\(at: x - 6) \(at: y - 7)Z"/>
                    """
                }
            }
            return "\(dot)\(mark)"
        }
        return pieces.joined()
    }

    private var summary: String {
        let measured = points.compactMap(\.measured)
        guard let least = measured.min(), let most = measured.max(), let last = measured.last else {
            return "\(title): nothing was measured yet."
        }
        let killed = points.count { $0.mark == .oom }
        let kills = killed == 0 ? "" : " \(Figures.count(Int64(killed), "run")) ran out of memory."
        let banded = points.filter { $0.predicted != nil && $0.measured != nil }
        let kept = banded.count { ($0.measured ?? 0) <= ($0.predicted?.high ?? 0) }
        let within = banded.isEmpty ? "" : " \(kept) of \(banded.count) predicted runs stayed within their band."
        return "\(title) of \(Figures.count(Int64(points.count), "run")): \(unit(least)) to \(unit(most)), "
            + "last \(unit(last)).\(kills)\(within)"
    }

    private var legend: [(mark: String, text: String)] {
        var keys = [(mark: "dot", text: "measured")]
        if points.contains(where: { $0.predicted != nil }) { keys.append(("band", "predicted, expected to high")) }
        if hasLimit { keys.append(("limit", "limit")) }
        for mark in [Mark.oom, .failed, .drift, .anomaly] where points.contains(where: { $0.mark == mark }) {
            keys.append((mark.rawValue, mark.text))
        }
        return keys
    }

    private var table: Table {
        Table(
            caption: "\(noun) by run, newest first",
            columns: ["Run", "Measured", "Expected", "High"] + (hasLimit ? ["Limit"] : []) + ["What stood out"],
            rows: points.reversed().map { point in
                let number = { (value: Double?) -> HTML in "\(value.map(unit) ?? "–")" }
                return [
                    point.link.html("\(point.label)"), number(point.measured), number(point.predicted?.expected),
                    number(point.predicted?.high),
                ] + (hasLimit ? [number(point.limit)] : []) + ["\(point.mark?.text ?? "")"]
            }, numeric: hasLimit ? [1, 2, 3, 4] : [1, 2, 3])
    }
}
