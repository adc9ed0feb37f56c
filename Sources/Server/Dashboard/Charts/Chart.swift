/// A picture with the table behind it. The picture is drawn here, so that it needs no script; who cannot see it reads the
/// sentence and the table, which hold all that it shows.
struct Chart: Sendable {
    var title: String
    /// What one sees at a glance: the picture's text for who does not see it.
    var summary: String
    var drawing: HTML
    var legend: [(mark: String, text: String)] = []
    var table: Table

    var html: HTML {
        let items: [HTML] = legend.map {
            "<li><span class=\"key key-\($0.mark)\" aria-hidden=\"true\"></span>\($0.text)</li>"
        }
        return """
            <figure class="chart">
            <figcaption>\(title)</figcaption>
            <svg viewBox="0 0 \(at: Plot.width) \(at: Plot.height)" role="img" aria-label="\(summary)">\(drawing)</svg>
            \(items.isEmpty ? nil : "<ul class=\"legend\">\(items)</ul>" as HTML)
            <details><summary>The numbers of “\(title)”</summary>\(table.html)</details>
            </figure>
            """
    }
}

/// Rows with a heading each.
struct Table: Sendable {
    var caption: String?
    var columns: [String]
    /// The first cell of each row is its heading.
    var rows: [[HTML]]
    /// Columns whose cells are numbers, which stand right.
    var numeric: Set<Int> = []

    var html: HTML {
        let head: [HTML] = columns.enumerated().map { "<th scope=\"col\"\(cssClass($0))>\($1)</th>" }
        let body: [HTML] = rows.map { row in
            let cells: [HTML] = row.enumerated().map { place, cell in
                place == 0
                    ? "<th scope=\"row\"\(cssClass(place))>\(cell)</th>" : "<td\(cssClass(place))>\(cell)</td>"
            }
            return "<tr>\(cells)</tr>\n"
        }
        // A table that is wider than a phone is scrolled, by keyboard as well.
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption ?? columns.first ?? "Table")"><table>
            \(caption.map { "<caption>\($0)</caption>" as HTML })
            <thead><tr>\(head)</tr></thead>
            <tbody>\(body)</tbody></table></div>
            """
    }

    private func cssClass(_ column: Int) -> HTML? { numeric.contains(column) ? " class=\"number\"" : nil }
}

extension Table {
    /// The same without columns in which nothing is known of any row.
    var withoutUnknown: Table {
        let known = columns.indices.filter { column in
            rows.contains { $0.indices.contains(column) && $0[column] != "–" && $0[column] != "" }
        }
        var table = self
        table.columns = known.map { columns[$0] }
        table.rows = rows.map { row in known.map { row[$0] } }
        table.numeric = Set(known.indices.filter { numeric.contains(known[$0]) })
        return table
    }
}

/// Where things are in a picture.
struct Plot: Sendable {
    static let width = 720.0
    static let height = 240.0
    private static let (left, right, top, bottom) = (92.0, 12.0, 12.0, 30.0)

    /// What the top of the picture stands for.
    let maximum: Double
    /// Places from left to right.
    let count: Int

    /// - Parameter largest: the largest value shown; the scale ends at a round number above.
    init(largest: Double, count: Int) {
        maximum = Plot.ceiling(largest.isFinite && largest > 0 ? largest : 1)
        self.count = max(1, count)
    }

    /// Middle of a place.
    func x(_ place: Int) -> Double { Self.left + (Double(place) + 0.5) * slot }

    /// Width of a place.
    var slot: Double { (Self.width - Self.left - Self.right) / Double(count) }

    func y(_ value: Double) -> Double {
        let share = value.isFinite ? min(1, max(0, value / maximum)) : 0
        return Self.top + (1 - share) * (Self.height - Self.top - Self.bottom)
    }

    var floor: Double { y(0) }

    /// Lines at round numbers, and what they stand for.
    func axis(_ text: (Double) -> String) -> HTML {
        let lines: [HTML] = (0...4).map { step in
            let value = maximum * Double(step) / 4
            return """
                <line class="grid" x1="\(at: Self.left)" x2="\(at: Self.width - Self.right)" y1="\(at: y(value))" y2="\(at: y(value))"/>\
                <text x="\(at: Self.left - 6)" y="\(at: y(value) + 4)" text-anchor="end">\(text(value))</text>
                """
        }
        return lines.joined()
    }

    /// Words below the first and the last place, and the middle one where there are some.
    func labels(_ labels: [String]) -> HTML {
        guard let first = labels.first, let last = labels.last else { return "" }
        let y = Self.height - 8
        if labels.count == 1 { return "<text x=\"\(at: x(0))\" y=\"\(at: y)\" text-anchor=\"middle\">\(first)</text>" }
        return """
            <text x="\(at: Self.left)" y="\(at: y)">\(first)</text>\
            <text x="\(at: Self.width - Self.right)" y="\(at: y)" text-anchor="end">\(last)</text>
            """
    }

    /// The next of 1, 2, 4, 8 times a power of ten: a quarter of each is a round number, too.
    private static func ceiling(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        while power > value { power /= 10 }
        for factor in [1.0, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10] where factor * power >= value { return factor * power }
        return 10 * power
    }
}
