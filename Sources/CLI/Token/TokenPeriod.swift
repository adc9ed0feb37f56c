import ArgumentParser

/// A length of time as people write it: `90d`, `12h`, `30m`, `45s`, or `never`.
struct TokenPeriod: Hashable, ExpressibleByArgument {
    /// `nil`: without end.
    var seconds: Double?

    private static let units: [Character: Double] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]

    init(days: Int) { seconds = Double(days) * 86_400 }

    /// As people write it, in the largest unit that leaves no rest.
    var defaultValueDescription: String {
        guard let seconds, let whole = Int(exactly: seconds) else { return "never" }
        let unit = Self.units.filter { whole % Int($0.value) == 0 }.max { $0.value < $1.value }
        return unit.map { "\(whole / Int($0.value))\($0.key)" } ?? "\(whole)s"
    }

    init?(argument: String) {
        if argument == "never" { return }
        guard let unit = argument.last.flatMap({ Self.units[$0] }), let count = Int(argument.dropLast()),
            (0...100_000).contains(count)
        else { return nil }
        seconds = Double(count) * unit
    }
}
