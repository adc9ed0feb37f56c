import Testing

@testable import Telemetry

@Suite struct MetricsWriterTests {
    private func page(
        _ format: MetricsWriter.Format, constant: [(name: String, value: String)] = [],
        _ body: (MetricsWriter) -> Void
    ) -> String {
        let writer = MetricsWriter(constantLabels: ConstantLabels(constant))
        writer.begin(format, atSeconds: 1_795_427_077.125)
        body(writer)
        writer.end()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func twoFamilies(_ page: MetricsWriter) {
        page.counter("inframind_x_seconds_total", help: "Time.")
        page.sample(150, per: 100) { labels in
            labels.add("cpu", 0)
            labels.add("mode", "user")
        }
        page.gauge("inframind_empty", help: "No samples, no family.")
        page.info("inframind_build_info", help: "What it is.")
        page.sample(1) { $0.add("version", "1.0" as String) }
        page.gauge("inframind_y_bytes", help: "Memory.")
        page.sample(UInt64.max)
    }

    @Test("Prometheus text has a comment for help and type, then the samples")
    func prometheusText() {
        let expected = """
            # HELP inframind_x_seconds_total Time.
            # TYPE inframind_x_seconds_total counter
            inframind_x_seconds_total{cpu="0",mode="user"} 1.5
            # HELP inframind_build_info What it is.
            # TYPE inframind_build_info gauge
            inframind_build_info{version="1.0"} 1
            # HELP inframind_y_bytes Memory.
            # TYPE inframind_y_bytes gauge
            inframind_y_bytes 18446744073709551615

            """
        #expect(page(.prometheusText, twoFamilies) == expected)
    }

    @Test("OpenMetrics names counters without their suffix, tells units, and says where the page ends")
    func openMetrics() {
        let expected = """
            # TYPE inframind_x_seconds counter
            # UNIT inframind_x_seconds seconds
            # HELP inframind_x_seconds Time.
            inframind_x_seconds_total{cpu="0",mode="user"} 1.5
            # TYPE inframind_build info
            # HELP inframind_build What it is.
            inframind_build_info{version="1.0"} 1
            # TYPE inframind_y_bytes gauge
            # UNIT inframind_y_bytes bytes
            # HELP inframind_y_bytes Memory.
            inframind_y_bytes 18446744073709551615
            # EOF

            """
        #expect(page(.openMetrics, twoFamilies) == expected)
    }

    @Test("JSON has one object a line, with the time and without comments")
    func jsonLines() {
        let start = #"{"time":"2026-11-23T09:44:37.125Z","name":""#
        let expected =
            start + #"inframind_x_seconds_total","labels":{"cpu":"0","mode":"user"},"value":1.5}"# + "\n" + start
            + #"inframind_build_info","labels":{"version":"1.0"},"value":1}"# + "\n" + start
            + #"inframind_y_bytes","value":18446744073709551615}"# + "\n"
        #expect(page(.jsonLines, twoFamilies) == expected)
        let odd = page(.jsonLines) {
            $0.gauge("x", help: "")
            $0.sample(Double.nan)
        }
        #expect(odd == start + "x\",\"value\":null}\n")
    }

    @Test("Constant labels come last; a sample's own label of that name counts", arguments: [true, false])
    func constantLabels(hasOwn: Bool) {
        let text = page(.prometheusText, constant: [(name: "cluster", value: "a\"b"), (name: "zone", value: "ü")]) {
            $0.gauge("x", help: "X.")
            $0.sample(1) { if hasOwn { $0.add("cluster", "own" as String) } }
            $0.sample(2)
        }
        let first = hasOwn ? #"x{cluster="own",zone="ü"} 1"# : #"x{cluster="a\"b",zone="ü"} 1"#
        #expect(text.hasSuffix(first + "\n" + #"x{cluster="a\"b",zone="ü"} 2"# + "\n"))
    }

    @Test(
        "Label values from outside cannot break a line, and are always UTF-8",
        arguments: [
            (Array("a\"b\\c\nd".utf8), #"a\"b\\c\nd"#), (Array("größe 🎈".utf8), "größe 🎈"),
            ([0xFF, 0x41], "\u{FFFD}A"), ([0xC3], "\u{FFFD}"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
            ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x8E], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xE2, 0x82, 0x41], "\u{FFFD}\u{FFFD}A"), ([0x00, 0x1B, 0x7F, 0x0D], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"), ([], ""),
        ] as [([UInt8], String)])
    func escaping(bytes: [UInt8], expected: String) {
        for format in [MetricsWriter.Format.prometheusText, .openMetrics] {
            let text = page(format) { page in
                page.gauge("x", help: "X.")
                page.sample(1) { labels in bytes.withUnsafeBytes { labels.add("name", bytes: $0) } }
            }
            #expect(text.contains("x{name=\"\(expected)\"} 1\n"))
        }
    }

    @Test(
        "Numbers are written in the shortest form that reads back the same",
        arguments: [
            0, -0.0, 1, -1, 0.1, 0.25, 1.5, 84.18232, 1e-9, 123_456.789_012_345, 1e15, 1e21, 0x1p53, -0x1p60, 2.5e-300,
            1.0 / 3, .pi, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
        ])
    func doubles(value: Double) throws {
        let text = page(.prometheusText) {
            $0.gauge("x", help: "X.")
            $0.sample(value)
        }
        let written = try #require(text.split(separator: " ").last).dropLast()
        #expect(Double(written) == value)
        #expect(written.count <= max(value.description.count, 17))
    }

    @Test(
        "Counts of parts of a unit are exact decimals",
        arguments: [
            (0, 100, "0"), (5, 100, "0.05"), (150, 100, "1.5"), (200, 100, "2"), (-150, 100, "-1.5"),
            (-5, 100, "-0.05"),
            (1, 1_000_000_000, "0.000000001"), (Int64.max, 1_000_000, "9223372036854.775807"), (7, 1, "7"),
            (1, 1024, "0.0009765625"), (3, 4, "0.75"),
        ] as [(Int64, Int64, String)])
    func parts(count: Int64, per: Int64, expected: String) {
        let text = page(.prometheusText) {
            $0.gauge("x", help: "X.")
            $0.sample(count, per: per)
        }
        #expect(text.hasSuffix("x \(expected)\n"))
    }

    @Test("Numbers that are none have their own spelling")
    func notNumbers() {
        let text = page(.openMetrics) {
            $0.gauge("x", help: "X.")
            for value in [Double.nan, .infinity, -.infinity] { $0.sample(value) }
        }
        #expect(text.hasSuffix("x NaN\nx +Inf\nx -Inf\n# EOF\n"))
    }

    @Test("What came after a mark is taken back whole, families included")
    func rollBack() {
        let text = page(.prometheusText) { page in
            page.gauge("kept", help: "Kept.")
            page.sample(1)
            let mark = page.mark
            page.gauge("lost", help: "Lost.")
            page.sample(2)
            page.counter("half_total", help: "Half.")
            page.rollBack(to: mark)
            page.gauge("lost", help: "Found.")
            page.sample(3)
        }
        #expect(text.hasSuffix("kept 1\n# HELP lost Found.\n# TYPE lost gauge\nlost 3\n"))
        #expect(!text.contains("half"))
    }

    @Test("A page does not grow without end")
    func full() {
        let writer = MetricsWriter()
        writer.begin(.prometheusText)
        writer.gauge("x", help: "X.")
        let name = String(repeating: "n", count: 1 << 20)
        for _ in 0..<40 { writer.sample(1) { $0.add("name", name) } }
        #expect(writer.isFull)
        #expect(writer.bytes.count < MetricsWriter.limitBytes + 2 << 20)
    }
}
