/// Numbers as people read them.
enum Wording {
    /// `1.2 GiB`, `340 MiB`.
    static func gib(_ gib: Double) -> String {
        gib < 0.9995 ? "\(rounded(gib * 1024, decimals: 0)) MiB" : "\(rounded(gib, decimals: gib < 100 ? 1 : 0)) GiB"
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
