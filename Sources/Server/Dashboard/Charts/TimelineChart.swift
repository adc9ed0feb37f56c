import Builds

/// The steps of a run on a common clock.
struct TimelineChart: Sendable {
    struct Bar: Sendable {
        var name: String
        /// Seconds after the run began.
        var start: Double
        /// `nil` while it runs.
        var end: Double?
        /// `ok`, `failed`, `oom` or `running`.
        var state: String
    }

    /// More bars than a page can show are left to the table.
    private static let mostBars = 60
    private static let rowHeight = 26.0
    private static let nameWidth = 190.0

    /// In the order they began.
    var bars: [Bar]
    /// Seconds the run has taken so far.
    var total: Double

    var html: HTML {
        let shown = bars.prefix(Self.mostBars)
        let length = max(total, bars.compactMap(\.end).max() ?? 0, 0.001)
        let width = Plot.width - Self.nameWidth - 90
        let height = Double(shown.count) * Self.rowHeight + 6
        let rows: [HTML] = shown.enumerated().map { place, bar in
            let y = Double(place) * Self.rowHeight + 4
            let x = Self.nameWidth + width * min(1, max(0, bar.start / length))
            let end = Self.nameWidth + width * min(1, max(0, (bar.end ?? length) / length))
            return """
                <text class="name" x="\(at: Self.nameWidth - 8)" y="\(at: y + 15)" text-anchor="end">\(Self.short(bar.name))</text>\
                <rect class="step-\(bar.state)" x="\(at: x)" y="\(at: y)" width="\(at: max(3, end - x))" height="18" rx="3"/>\
                <text x="\(at: max(x + 3, end) + 6)" y="\(at: y + 15)">\(Figures.duration((bar.end ?? length) - bar.start))</text>
                """
        }
        let killed = bars.filter { $0.state == "oom" }.map(\.name)
        let summary =
            "Timeline of \(Figures.count(Int64(bars.count), "step")) over \(Figures.duration(length))."
            + (killed.isEmpty ? "" : " Out of memory: \(killed.joined(separator: ", ")).")
            + (bars.count > shown.count ? " The first \(shown.count) are drawn." : "")
        return """
            <figure class="chart timeline"><figcaption>Timeline</figcaption>
            <svg viewBox="0 0 \(at: Plot.width) \(at: height)" role="img" aria-label="\(summary) The table below has all of them.">\
            \(rows)</svg></figure>
            """
    }

    private static func short(_ name: String) -> String { name.count <= 28 ? name : "…" + name.suffix(27) }
}
