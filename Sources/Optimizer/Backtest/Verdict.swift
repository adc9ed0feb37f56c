/// What a backtest comes to, in sentences a person can act on.
struct Verdict: Hashable, Sendable {
    let text: String

    /// - Parameters:
    ///   - risk: accepted OOM risk.
    ///   - rival: score of the best rival; `nil` when there was none.
    ///   - comparison: ours with it.
    ///   - current: score of the current settings, if they are known and not the best rival.
    init(
        risk: Double, ours: PolicyScore, rival: PolicyScore?, _ comparison: PolicyComparison?,
        current: PolicyScore? = nil
    ) {
        let killed = Self.percent(ours.killed.value)
        var sentences = ["At \(Self.percent(risk)) accepted risk, \(killed) of builds would have been killed"]
        if let rival, let comparison {
            sentences[0] += "; " + Self.rival(comparison.rival, rival, ours: ours) + "."
            sentences.append(Self.waste(comparison.waste))
            if let current {
                let words = Self.rival(BacktestPolicy.currentSettings.name, current, ours: ours)
                sentences.append("T" + words.dropFirst() + ".")
            }
        } else {
            sentences[0] += "."
        }
        if ours.killed.low > risk {
            sentences.append("That is more than was accepted: choose a smaller risk for builds like these.")
        } else if ours.killed.value > risk {
            sentences.append("That is above what was accepted, but within chance.")
        }
        text = sentences.joined(separator: " ")
    }

    /// Differences of less than half a percent are none.
    private static let negligible = 0.005

    private static func rival(_ name: String, _ rival: PolicyScore, ours: PolicyScore) -> String {
        let arePlural = name == BacktestPolicy.currentSettings.name
        let killed = rival.killed.value == 0 ? "none" : percent(rival.killed.value)
        let excess =
            ours.allocatedToUsed.value > 0 ? rival.allocatedToUsed.value / ours.allocatedToUsed.value - 1 : 0
        let reserved =
            excess.magnitude < negligible ? "as much" : "\(whole(excess.magnitude)) \(excess > 0 ? "more" : "less")"
        return arePlural
            ? "the \(name) kill \(killed) and reserve \(reserved)" : "\(name) kills \(killed) and reserves \(reserved)"
    }

    private static func waste(_ waste: Estimate) -> String {
        guard waste.isCertain else { return "Waste with retries does not differ beyond chance." }
        return "Waste with retries is \(whole(waste.value.magnitude)) \(waste.value < 0 ? "smaller" : "larger")."
    }

    /// `0.84 %`, `2 %`: shares as people write them.
    static func percent(_ share: Double) -> String {
        guard share.isFinite, share.magnitude < 1e6 else { return "unknown" }
        let hundredths = Int((share * 10_000).rounded())
        let fraction = hundredths.magnitude % 100
        let sign = hundredths < 0 ? "-" : ""
        let digits = fraction % 10 == 0 ? String(fraction / 10) : (fraction < 10 ? "0\(fraction)" : String(fraction))
        return "\(sign)\(hundredths.magnitude / 100)" + (fraction == 0 ? "" : ".\(digits)") + " %"
    }

    /// `5 %`.
    private static func whole(_ share: Double) -> String {
        guard share.isFinite, share < 1e6 else { return "unknown" }
        return "\(Int((share * 100).rounded())) %"
    }
}
