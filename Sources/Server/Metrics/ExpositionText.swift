/// Builds a page in Prometheus' text format.
struct ExpositionText: Sendable {
    typealias Labels = KeyValuePairs<String, String>

    private(set) var text = ""

    mutating func family(_ name: String, _ type: String, help: String, _ samples: [(labels: Labels, value: Double)]) {
        guard !samples.isEmpty else { return }
        head(name, type, help)
        for sample in samples { line(name, sample.labels.map { ($0.key, $0.value) }, sample.value) }
    }

    mutating func histogram(_ name: String, help: String, _ series: [(labels: Labels, histogram: LatencyHistogram)]) {
        guard !series.isEmpty else { return }
        head(name, "histogram", help)
        for (labels, histogram) in series {
            let labels = labels.map { ($0.key, $0.value) }
            let bounds = LatencyHistogram.bounds.map { "\($0)" } + ["+Inf"]
            for (bound, count) in zip(bounds, histogram.cumulative) {
                line(name + "_bucket", labels + [("le", bound)], Double(count))
            }
            line(name + "_sum", labels, histogram.sumSeconds)
            line(name + "_count", labels, Double(histogram.cumulative.last ?? 0))
        }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let inner = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        let number = Int64(exactly: value).map(String.init) ?? "\(value)"
        text += inner.isEmpty ? "\(name) \(number)\n" : "\(name){\(inner)} \(number)\n"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
