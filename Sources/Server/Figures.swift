import Builds

/// Numbers as people read them, on a page and in a message.
enum Figures {
    /// `1.2 GiB`, `340 MiB`.
    static func memory(_ bytes: Int64?) -> String { bytes.map { memory(gib: Units.gib(bytes: $0)) } ?? "–" }

    static func memory(gib: Double) -> String {
        guard gib.isFinite else { return "–" }
        return gib < 0.9995
            ? "\(rounded(gib * 1024, decimals: 0)) MiB" : "\(rounded(gib, decimals: gib < 100 ? 1 : 0)) GiB"
    }

    /// `41 s`, `12 min 5 s`, `3 h 20 min`; tenths below ten seconds.
    static func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds >= 0 else { return "–" }
        if seconds < 9.95 { return "\(rounded(seconds, decimals: 1)) s" }
        guard let whole = Int(exactly: seconds.rounded()) else { return "–" }
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s" }
        let minutes = whole / 60
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }

    /// `2 %`, `0.5 %`, `less than 0.1 %`.
    static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite else { return "–" }
        if share > 0, share < 0.0005 { return "less than 0.1 %" }
        let decimals = share.magnitude < 0.00995 ? 2 : share.magnitude < 0.0995 ? 1 : 0
        return "\(rounded(100 * share, decimals: decimals)) %"
    }

    /// `$1.20`, `$0.0034`, `$12,300`.
    static func dollars(_ dollars: Double?) -> String {
        guard let dollars, dollars.isFinite else { return "–" }
        let sign = dollars < 0 ? "-" : ""
        let amount = dollars.magnitude
        if amount == 0 { return "$0" }
        if amount < 0.00005 { return "less than $0.0001" }
        if amount >= 1000 { return "\(sign)$\(count(amount))" }
        return sign + "$" + fixed(amount, decimals: amount >= 0.095 ? 2 : amount >= 0.0095 ? 3 : 4)
    }

    /// `12,345`.
    static func count(_ count: Double) -> String {
        guard let whole = Int64(exactly: count.rounded()) else { return "–" }
        return Self.count(whole)
    }

    static func count(_ count: Int64) -> String {
        let digits = String(count.magnitude)
        var grouped = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return (count < 0 ? "-" : "") + grouped
    }

    /// `1 run`, `2,000 runs`.
    static func count(_ count: Int64, _ noun: String) -> String {
        "\(Self.count(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    static func count(_ count: Double, _ noun: String) -> String {
        Self.count(Int64(exactly: count.rounded()) ?? 0, noun)
    }

    /// `2.5 cores`, `1 core`.
    static func cores(_ millicores: Int?) -> String {
        guard let millicores else { return "–" }
        return millicores == 1000 ? "1 core" : "\(rounded(Units.cores(millicores: millicores), decimals: 2)) cores"
    }

    /// `+12 %`, `-3 %`, `no change`, `new` where there was nothing.
    static func change(from before: Double, to after: Double) -> String {
        guard before > 0 else { return after > 0 ? "new" : "no change" }
        let change = after / before - 1
        if change.magnitude < 0.005 { return "no change" }
        return (change > 0 ? "+" : "-") + percent(change.magnitude)
    }

    /// `2026-03-01 12:30`, UTC.
    static func time(_ time: Timestamp) -> String {
        let text = time.rfc3339
        guard text.count >= 16 else { return text }
        return String(text.prefix(10)) + " " + String(text.dropFirst(11).prefix(5))
    }

    static func day(_ time: Timestamp) -> String { String(time.rfc3339.prefix(10)) }

    /// A decimal without trailing zeros.
    static func rounded(_ value: Double, decimals: Int) -> String {
        let text = fixed(value, decimals: decimals)
        guard text.contains(".") else { return text }
        let short = text.reversed().drop { $0 == "0" }
        return String(short.drop { $0 == "." }.reversed())
    }

    private static func fixed(_ value: Double, decimals: Int) -> String {
        let power = [1.0, 10, 100, 1000, 10_000][min(decimals, 4)]
        guard let scaled = Int64(exactly: (value.magnitude * power).rounded()) else { return "–" }
        let sign = value < 0 && scaled != 0 ? "-" : ""
        let digits = String(scaled)
        if decimals == 0 { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
