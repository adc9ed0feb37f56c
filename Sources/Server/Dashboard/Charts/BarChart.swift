/// Two amounts side by side for each of some weeks: what was reserved and what was used, what was promised and what came.
struct BarChart: Sendable {
    struct Bar: Sendable {
        var label: String
        var first: Double
        var second: Double
    }

    var title: String
    var names: (first: String, second: String)
    /// Oldest first.
    var bars: [Bar]
    var unit: @Sendable (Double) -> String

    var chart: Chart {
        let plot = Plot(largest: bars.map { max($0.first, $0.second) }.max() ?? 1, count: bars.count)
        let width = min(22, plot.slot * 0.38)
        let drawn: [HTML] = bars.enumerated().map { place, bar in
            let x = plot.x(place)
            return """
                <rect class="bar-first" x="\(at: x - width)" width="\(at: width)" y="\(at: plot.y(bar.first))" \
                height="\(at: plot.floor - plot.y(bar.first))"/>\
                <rect class="bar-second" x="\(at: x)" width="\(at: width)" y="\(at: plot.y(bar.second))" \
                height="\(at: plot.floor - plot.y(bar.second))"/>
                """
        }
        return Chart(
            title: title, summary: summary,
            drawing: [plot.axis(unit), drawn.joined(), plot.labels(bars.map(\.label))].joined(),
            legend: [("first", names.first), ("second", names.second)],
            table: Table(
                caption: "\(title), newest week first", columns: ["Week of", names.first, names.second],
                rows: bars.reversed().map { ["\($0.label)", "\(unit($0.first))", "\(unit($0.second))"] },
                numeric: [1, 2]))
    }

    private var summary: String {
        guard let last = bars.last else { return "\(title): no weeks yet." }
        return "\(title) over \(Figures.count(Int64(bars.count), "week")). Week of \(last.label): \(names.first) "
            + "\(unit(last.first)), \(names.second) \(unit(last.second))."
    }
}
