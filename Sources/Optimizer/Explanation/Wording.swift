/// Numbers as people read them.
enum Wording {
    /// `1.2 GiB`, `340 MiB`.
    static func gib(_ gib: Double) -> String {
        gib < 0.9995 ? "\(rounded(gib * 1024, decimals: 0)) MiB" : "\(rounded(gib, decimals: gib < 100 ? 1 : 0)) GiB"
    }

    /// `+1.2 GiB`, `-340 MiB`.
    static func signedGiB(_ gib: Double) -> String { "\(gib < 0 ? "-" : "+")\(Self.gib(gib.magnitude))" }

    /// `$1.20`, `$0.0034`: two digits that count, cents at least.
    static func dollars(_ dollars: Double) -> String {
        let decimals = dollars >= 0.095 || dollars <= 0 ? 2 : dollars >= 0.0095 ? 3 : 4
        if dollars > 0, dollars < 0.00005 { return "less than $0.0001" }
        let power = Self.powersOfTen[decimals]
        guard let scaled = Int(exactly: (dollars * power).rounded()) else { return "$\(dollars)" }
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "$\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// `5 min ago`, `3 days ago`, `just now`; a clock that is ahead counts as now.
    static func age(seconds: Double) -> String {
        if seconds < 60 { return "just now" }
        if seconds < 48 * 3600 { return "\(Self.seconds(seconds)) ago" }
        return "\(rounded(seconds / 86_400, decimals: 0)) days ago"
    }

    /// `41 s`, `12 min`, `3.5 h`; tenths below ten seconds.
    static func seconds(_ seconds: Double) -> String {
        if seconds < 9.95 { return "\(rounded(seconds, decimals: 1)) s" }
        if seconds < 119.5 { return "\(rounded(seconds, decimals: 0)) s" }
        if seconds < 7170 { return "\(rounded(seconds / 60, decimals: 0)) min" }
        return "\(rounded(seconds / 3600, decimals: 1)) h"
    }

    /// `2 %`, `0.5 %`.
    static func percent(_ share: Double) -> String {
        "\(rounded(100 * share, decimals: share < 0.0995 ? 1 : 0)) %"
    }

    /// `1 job`, `4 jobs`.
    static func jobs(_ jobs: Double) -> String { counted(jobs, "job") }

    /// `1 core`, `2.5 cores`.
    static func cores(_ cores: Double) -> String { counted(cores, "core") }

    /// `1 run`, `14 runs`.
    static func runs(_ runs: Int) -> String { counted(Double(runs), "run") }

    private static func counted(_ count: Double, _ noun: String) -> String {
        "\(rounded(count, decimals: 2)) \(noun)\(count == 1 ? "" : "s")"
    }

    private static let powersOfTen = [1.0, 10, 100, 1000, 10_000]

    /// A decimal without trailing zeros.
    static func rounded(_ value: Double, decimals: Int) -> String {
        let power = powersOfTen[decimals]
        let number = (value * power).rounded() / power
        if let whole = Int(exactly: number) { return String(whole) }
        return "\(number)"
    }
}
