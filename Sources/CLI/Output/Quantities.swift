import Builds

/// Numbers as people read them.
enum Quantity {
    /// `7.8 GiB`, `512 MiB`.
    static func memory(bytes: Int64) -> String {
        let gib = Units.gib(bytes: bytes)
        if gib >= 1 { return "\(decimal(gib, places: 1)) GiB" }
        return "\(decimal(gib * 1024, places: 0)) MiB"
    }

    /// `3.5 s`, `6 min 52 s`, `2 h 5 min`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e15 else { return "unknown" }
        if seconds < 60 { return "\(decimal(seconds, places: 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// `83 %`; small shares keep a digit that says something.
    static func percent(_ share: Double) -> String {
        "\(decimal(share * 100, places: share < 0.1 ? 2 : 0)) %"
    }

    /// `value` with at most `places` decimals; trailing zeros are dropped.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "unknown" }
        var factor = 1.0
        for _ in 0..<places { factor *= 10 }
        let scaled = Int64((abs(value) * factor).rounded())
        let whole = scaled / Int64(factor)
        var fraction = String(scaled % Int64(factor))
        fraction = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return places == 0 || fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    }
}
