import Telemetry

/// What a scraper prefers to get, from its `Accept` field.
///
/// Weights are thousandths. A client that names neither format gets Prometheus text, as scrapers always did.
struct AcceptedContent: Hashable, Sendable {
    private var prometheusText = 0
    private var openMetrics = 0

    /// OpenMetrics only to those who rank it above text: Prometheus does by default since 2.5.
    var format: MetricsWriter.Format {
        openMetrics > 0 && openMetrics >= prometheusText ? .openMetrics : .prometheusText
    }

    /// Takes in one `Accept` field.
    mutating func read(_ value: UnsafeRawBufferPointer) {
        Self.forEachElement(value) { name, parameters in
            let weight = Self.weight(parameters)
            if name.equalsIgnoringCase("application/openmetrics-text") {
                // We speak 1.0.0; a client that wants another version alone is better off with text.
                if Self.parameter("version", parameters).map({ $0.isEqual(to: "1.0.0") }) ?? true {
                    openMetrics = max(openMetrics, weight)
                }
            } else if name.equalsIgnoringCase("text/plain") {
                prometheusText = max(prometheusText, weight)
            }
        }
    }

    /// Whether gzip may be sent, by the value of one `Accept-Encoding` field.
    static func acceptsGzip(_ value: UnsafeRawBufferPointer) -> Bool {
        var isAccepted = false
        forEachElement(value) { name, parameters in
            if name.equalsIgnoringCase("gzip") { isAccepted = weight(parameters) > 0 }
        }
        return isAccepted
    }

    /// Calls `body` with the name and the parameters of each element between commas.
    private static func forEachElement(
        _ value: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        while start < value.count {
            let end = value.index(of: UInt8(ascii: ","), from: start) ?? value.count
            let element = value.part(start..<end)
            let nameEnd = element.index(of: UInt8(ascii: ";")) ?? element.count
            body(element.part(0..<nameEnd).trimmed, element.part(from: nameEnd))
            start = end + 1
        }
    }

    /// The value of a parameter such as `;q=0.5`.
    private static func parameter(
        _ wanted: StaticString, _ parameters: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        var start = 0
        while start < parameters.count {
            let end = parameters.index(of: UInt8(ascii: ";"), from: start + 1) ?? parameters.count
            let part = parameters.part(start + 1..<end)
            if let equals = part.index(of: UInt8(ascii: "=")),
                part.part(0..<equals).trimmed.equalsIgnoringCase(wanted)
            {
                return part.part(from: equals + 1).trimmed
            }
            start = end
        }
        return nil
    }

    /// Thousandths from `;q=`; 1000 without one, 0 for what is no number.
    private static func weight(_ parameters: UnsafeRawBufferPointer) -> Int {
        guard let text = parameter("q", parameters) else { return 1000 }
        var cursor = KernelCursor(text)
        guard let whole = cursor.number(), whole >= 0 else { return 0 }
        if whole >= 1 { return 1000 }
        guard cursor.skip(".") else { return 0 }
        var weight = 0
        var unit = 100
        let digits = cursor.rest
        for index in 0..<min(3, digits.count) {
            guard digits[index] >= 0x30, digits[index] <= 0x39 else { break }
            weight += Int(digits[index] - 0x30) * unit
            unit /= 10
        }
        return weight
    }
}
