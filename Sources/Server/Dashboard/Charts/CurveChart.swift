/// One quantity over another, with the places that were asked about and recommended.
struct CurveChart: Sendable {
    struct Point: Sendable {
        var x: Double
        var y: Double
    }

    struct Place: Sendable {
        var name: String
        /// `asked`, `recommended` or `baseline`.
        var mark: String
        var x: Double
        /// `nil`: beyond the curve.
        var y: Double?
    }

    var title: String
    var xName: String
    var yName: String
    /// In the order of `x`.
    var points: [Point]
    var places: [Place]
    var xUnit: @Sendable (Double) -> String
    var yUnit: @Sendable (Double) -> String

    var chart: Chart {
        let xs = points.map(\.x) + places.map(\.x)
        let (least, most) = (xs.min() ?? 0, xs.max() ?? 1)
        let plot = Plot(largest: (points.map(\.y) + places.compactMap(\.y)).max() ?? 1, count: 1)
        let (left, width) = (plot.x(0) - plot.slot / 2 + 8, plot.slot - 16)
        let x = { (value: Double) in left + width * (most > least ? (value - least) / (most - least) : 0.5) }
        let path = points.enumerated().map { place, point in
            "\(place == 0 ? "M" : "L")\(Self.place(x(point.x))) \(Self.place(plot.y(point.y)))"
        }.joined()
        let marks: [HTML] = places.map { place in
            """
            <line class="place-\(place.mark)" x1="\(at: x(place.x))" x2="\(at: x(place.x))" y1="\(at: plot.y(plot.maximum))" \
            y2="\(at: plot.floor)"/>\
            \(place.y.map { "<circle class=\"place-\(place.mark)\" cx=\"\(at: x(place.x))\" cy=\"\(at: plot.y($0))\" r=\"5\"/>" as HTML })
            """
        }
        return Chart(
            title: title, summary: summary,
            drawing: [
                plot.axis(yUnit), "<path class=\"curve\" d=\"\(path)\"/>", marks.joined(),
                plot.labels([xUnit(least), xUnit(most)]),
            ].joined(),
            legend: places.map { ($0.mark, $0.name) },
            table: Table(
                caption: title, columns: [xName, yName],
                rows: points.map { ["\(xUnit($0.x))", "\(yUnit($0.y))"] }, numeric: [0, 1]))
    }

    private static func place(_ value: Double) -> String { ("\(at: value)" as HTML).text }

    private var summary: String {
        let told = places.map { place in
            "\(place.name): \(xUnit(place.x)), \(place.y.map(yUnit) ?? "beyond the scale")"
        }
        return "\(title). " + told.joined(separator: "; ") + "."
    }
}
