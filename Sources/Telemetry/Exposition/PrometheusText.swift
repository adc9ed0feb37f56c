/// A page in the Prometheus text exposition format, version 0.0.4, or in that of OpenMetrics, version 1.0.0.
///
/// Families are written in the order they are added, each once: adding to a family that has been written appends
/// nothing and stops the program in debug builds, as a scraper would refuse the page. Names are ours, not outside text.
public struct PrometheusText: Sendable {
    public enum Format: Hashable, Sendable, CaseIterable {
        case prometheus, openMetrics

        /// What a `/metrics` answer states as its content type.
        public var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private let format: Format
    private var page = ""
    private var families: Set<String> = []

    public init(_ format: Format = .prometheus) { self.format = format }

    /// The page so far. OpenMetrics wants its end said, so that a page cut short is known for one.
    public var text: String { format == .openMetrics ? page + "# EOF\n" : page }

    /// One line of a family.
    public struct Sample: Sendable {
        public var labels: [(name: String, value: String)]
        public var value: Double

        /// Labels are written in the order given.
        public init(labels: KeyValuePairs<String, String> = [:], value: Double) {
            self.labels = labels.map { (name: $0.key, value: $0.value) }
            self.value = value
        }
    }

    /// One distribution of a histogram family.
    public struct Histogram: Sendable {
        public var labels: [(name: String, value: String)]
        /// Upper bounds, ascending, without the last, which is infinite.
        public var upperBounds: [Double]
        /// Observations in each bucket alone, one more than there are bounds; added up when written.
        public var counts: [Int64]
        public var sum: Double

        public init(
            labels: KeyValuePairs<String, String> = [:], upperBounds: [Double], counts: [Int64], sum: Double
        ) {
            self.labels = labels.map { (name: $0.key, value: $0.value) }
            self.upperBounds = upperBounds
            self.counts = counts
            self.sum = sum
        }
    }

    /// Adds a family of values that only rise; `name` ends in `_total`. No samples, no family.
    public mutating func counter(_ name: String, help: String, _ samples: [Sample]) {
        family(name, "counter", help, samples)
    }

    /// Adds a family of values that come and go.
    public mutating func gauge(_ name: String, help: String, _ samples: [Sample]) {
        family(name, "gauge", help, samples)
    }

    /// Adds a family of distributions.
    public mutating func histogram(_ name: String, help: String, _ histograms: [Histogram]) {
        guard !histograms.isEmpty, begin(name, "histogram", help) else { return }
        for histogram in histograms {
            var cumulative: Int64 = 0
            for (index, bound) in (histogram.upperBounds + [.infinity]).enumerated() {
                let count = index < histogram.counts.count ? histogram.counts[index] : 0
                cumulative = saturatingSum(cumulative, count)
                let labels = histogram.labels + [(name: "le", value: Self.number(bound))]
                line(name + "_bucket", labels, Double(cumulative))
            }
            line(name + "_sum", histogram.labels, histogram.sum)
            line(name + "_count", histogram.labels, Double(cumulative))
        }
    }

    private mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty, begin(name, type, help) else { return }
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    private mutating func begin(_ name: String, _ type: String, _ help: String) -> Bool {
        guard families.insert(name).inserted else {
            assertionFailure("the metric family \(name) is written twice")
            return false
        }
        // The suffix of a counter belongs to its samples there, not to the family.
        let isSuffixed = format == .openMetrics && type == "counter" && name.hasSuffix("_total")
        let family = isSuffixed ? String(name.dropLast("_total".count)) : name
        page += "# HELP \(family) "
        appendEscaped(help, quotes: false)
        page += "\n# TYPE \(family) \(type)\n"
        return true
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        page += name
        if !labels.isEmpty {
            page += "{"
            for (index, label) in labels.enumerated() {
                page += index == 0 ? "\(label.name)=\"" : ",\(label.name)=\""
                appendEscaped(label.value, quotes: true)
                page += "\""
            }
            page += "}"
        }
        page += " \(Self.number(value))\n"
    }

    /// Backslashes and line feeds are escaped everywhere, quotes in label values only.
    private mutating func appendEscaped(_ value: String, quotes: Bool) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": page += "\\\\"
            case "\n": page += "\\n"
            case "\"" where quotes: page += "\\\""
            default: page.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whole numbers without a fraction, others in the shortest form that reads back the same.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Beyond 2^53 whole numbers are no longer exact, and the shortest form is as good.
        if value.magnitude < 0x1p53, let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}
