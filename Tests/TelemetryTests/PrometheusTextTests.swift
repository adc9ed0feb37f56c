import Testing

@testable import Telemetry

@Suite struct PrometheusTextTests {
    @Test("Counters, gauges and histograms are written as the format says")
    func page() {
        var text = PrometheusText()
        text.counter(
            "x_total", help: "Things.\nAnd a back\\slash, \"quoted\".",
            [.init(labels: ["b": "2", "a": "quo\"te\\ and\nline"], value: 3), .init(value: 0.25)])
        text.gauge("y", help: "Odd.", [.init(value: .infinity), .init(value: -.infinity), .init(value: .nan)])
        text.gauge("empty", help: "No samples, no family.", [])
        text.histogram(
            "z_seconds", help: "Long.",
            [.init(labels: ["k": "v"], upperBounds: [0.1, 1], counts: [2, 3, 1], sum: 4.5)])
        #expect(
            text.text == #"""
                # HELP x_total Things.\nAnd a back\\slash, "quoted".
                # TYPE x_total counter
                x_total{b="2",a="quo\"te\\ and\nline"} 3
                x_total 0.25
                # HELP y Odd.
                # TYPE y gauge
                y +Inf
                y -Inf
                y NaN
                # HELP z_seconds Long.
                # TYPE z_seconds histogram
                z_seconds_bucket{k="v",le="0.1"} 2
                z_seconds_bucket{k="v",le="1"} 5
                z_seconds_bucket{k="v",le="+Inf"} 6
                z_seconds_sum{k="v"} 4.5
                z_seconds_count{k="v"} 6

                """#)
    }

    @Test("Large whole numbers stay whole as long as they are exact")
    func numbers() {
        var text = PrometheusText()
        text.gauge("n", help: "N.", [.init(value: 25_276_514_304), .init(value: -3), .init(value: 1e300)])
        #expect(text.text.hasSuffix("n 25276514304\nn -3\nn 1e+300\n"))
    }

    @Test("A histogram with fewer counts than bounds does not crash")
    func shortHistogram() {
        var text = PrometheusText()
        text.histogram("h", help: "H.", [.init(upperBounds: [1, 2], counts: [4], sum: 1)])
        #expect(text.text.contains("h_bucket{le=\"+Inf\"} 4\n"))
    }
}
