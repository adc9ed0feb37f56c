import Builds
import Storage
import Testing

@testable import Server

@Suite("Charts")
struct ChartTests {
    private func chart(_ measured: [Double?]) -> RunChart {
        RunChart(
            title: "Peak memory", noun: "Peak",
            points: measured.enumerated().map { place, value in
                .init(
                    label: "day \(place)", link: .run("r<\(place)>"), measured: value, predicted: (1, 2), limit: 3,
                    mark: place == 1 ? .oom : nil)
            }, unit: { Figures.memory(gib: $0) }, hasLimit: true)
    }

    @Test("A picture says in words what it shows, and the table under it has every number")
    func words() {
        let html = chart([1.5, 2.9, 1.25]).chart.html.text
        #expect(html.contains("role=\"img\""))
        #expect(
            html.contains(
                "Peak memory of 3 runs: 1.3 GiB to 2.9 GiB, last 1.3 GiB. 1 run ran out of memory. 2 of 3 predicted runs "
                    + "stayed within their band."))
        #expect(html.contains("class=\"mark-oom\"") && html.contains("out of memory"))
        for number in ["1.5 GiB", "2.9 GiB", "1.3 GiB", "3 GiB"] { #expect(html.contains(">\(number)</td>")) }
        #expect(html.contains("href=\"/ui/run?id=r%3C1%3E\""))
    }

    @Test(
        "Any numbers make a picture: none, one, hundreds, huge ones, and no numbers",
        arguments: [
            [], [nil], [0], [1e300, 1e-300], [.nan, .infinity, -5], Array(repeating: 2.0, count: 500),
        ] as [[Double?]])
    func numbers(_ measured: [Double?]) {
        let html = chart(measured).chart.html.text
        #expect(!html.contains("nan") && !html.contains("inf\""))
        #expect(html.contains("</svg>"))
    }

    @Test(
        "The scale ends at a round number above the largest value", arguments: [0.003, 0.9, 1.0, 7.1, 8.0, 99.0, 12345])
    func scale(_ largest: Double) {
        let plot = Plot(largest: largest, count: 3)
        #expect(plot.maximum >= largest && plot.maximum <= largest * 1.67)
        #expect(plot.y(largest) >= 0 && plot.y(0) <= Plot.height && plot.y(-1) == plot.floor)
    }

    @Test(
        "A promise is judged by how likely what came is",
        arguments: [
            (0.0, 0.0, 0.0, Promise.Verdict.tooFewRuns), (20, 0.4, 0, .tooFewRuns), (400, 8, 5, .kept),
            (400, 8, 10, .withinChance),
            (400, 8, 20, .broken), (5, 0.01, 3, .broken),
        ])
    func promise(_ runs: Double, _ promised: Double, _ came: Double, _ verdict: Promise.Verdict) {
        var figures = UsageFigures()
        (figures.followedRuns, figures.promisedOOMRuns, figures.followedOOMRuns) = (runs, promised, came)
        #expect(Promise(figures).verdict == verdict)
    }

    @Test("A table leaves out columns in which nothing is known, and keeps where numbers stand")
    func unknownColumns() {
        let table = Table(
            columns: ["a", "b", "c"], rows: [["1", "–", "2"], ["3", "–", "–"]], numeric: [1, 2]
        ).withoutUnknown
        #expect(table.columns == ["a", "c"] && table.rows == [["1", "2"], ["3", "–"]] && table.numeric == [1])
    }

    @Test("The chance of rare events is that of Poisson")
    func poisson() {
        #expect(abs(Promise.chance(ofAtLeast: 1, expecting: 1) - 0.6321205588) < 1e-9)
        #expect(abs(Promise.chance(ofAtLeast: 3, expecting: 0.5) - 0.0143877) < 1e-6)
        #expect(Promise.chance(ofAtLeast: 0, expecting: 5) == 1 && Promise.chance(ofAtLeast: 2, expecting: 0) == 0)
    }
}
