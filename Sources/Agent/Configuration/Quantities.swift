/// Values with a unit, as they are written in configuration.
enum Quantities {
    /// `15s`, `500ms`, `2m`, `1h`, or seconds alone; 100 ms to a day.
    static func seconds(_ text: String) throws(ConfigurationProblem) -> Double { try seconds(text, in: 0.1...86_400) }

    static func seconds(_ text: String, in range: ClosedRange<Double>) throws(ConfigurationProblem) -> Double {
        let seconds = number(text, ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "": 1])
        guard let seconds, range.contains(seconds) else {
            let bounds = "from \(time(range.lowerBound)) to \(time(range.upperBound))"
            throw ConfigurationProblem("takes a time \(bounds), such as 15s or 2m, not '\(text)'")
        }
        return seconds
    }

    /// In the largest unit that leaves a whole number.
    private static func time(_ seconds: Double) -> String {
        for (unit, scale) in [("h", 3600.0), ("m", 60), ("s", 1)] {
            let count = seconds / scale
            if count >= 1 && count == count.rounded() { return "\(Int(count))\(unit)" }
        }
        return seconds == 0 ? "0s" : "\(Int((seconds * 1000).rounded()))ms"
    }

    /// `64MiB`, `10MB`, `512KiB`, or bytes alone; 4 KiB to 1 TiB.
    static func bytes(_ text: String) throws(ConfigurationProblem) -> Int64 {
        let units: KeyValuePairs<String, Double> = [
            "KiB": 0x1p10, "MiB": 0x1p20, "GiB": 0x1p30, "kB": 1e3, "MB": 1e6, "GB": 1e9, "": 1,
        ]
        guard let bytes = number(text, units), (0x1p12...0x1p40).contains(bytes) else {
            throw ConfigurationProblem("takes a size from 4KiB to 1024GiB, such as 64MiB, not '\(text)'")
        }
        return Int64(bytes)
    }

    private static func number(_ text: String, _ units: KeyValuePairs<String, Double>) -> Double? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let value = Double(digits), let scale = units.first(where: { $0.key == unit })?.value else { return nil }
        return value * scale
    }
}
