import Builds

/// What a week's builds asked for, used and saved. Outcomes go in one by one, in the order they were learned.
public struct WeeklyFigures: Sendable {
    /// What a step asked for and left unused.
    private struct StepFigures: Sendable {
        var runs = 0
        var askedGiBHours = 0.0
        var usedGiBHours = 0.0
        var largestPeakGiB = 0.0
        var largestAskedGiB = 0.0

        var unusedGiBHours: Double { askedGiBHours - usedGiBHours }

        mutating func add(askedGiB: Double, peakGiB: Double, hours: Double) {
            runs += 1
            askedGiBHours += askedGiB * hours
            usedGiBHours += peakGiB * hours
            largestPeakGiB = max(largestPeakGiB, peakGiB)
            largestAskedGiB = max(largestAskedGiB, askedGiB)
        }
    }

    /// Steps that are told apart; others count in the sums alone.
    private static let stepCapacity = 5000
    private static let opportunities = 3
    /// Less than this is not worth a line.
    private static let smallestOpportunityGiBHours = 0.1

    private let period: ClosedRange<Timestamp>
    /// Runs, those that followed a recommendation, and in how many of either something was killed for want of memory.
    private var runs = 0
    private var followed = 0
    private var killed = 0
    private var followedAndKilled = 0
    private var risks = 0.0
    private var askedGiBHours = 0.0
    private var usedGiBHours = 0.0
    private var savedGiBHours = 0.0
    private var hasDeclared = false
    private var steps: [StepIdentity: StepFigures] = [:]
    private var current: CountedRun?

    /// The run the last outcome was of.
    private struct CountedRun: Sendable {
        var id: RunID?
        var isFollowed = false
        var isKilled = false
    }

    /// - Parameter period: of the starts of runs; what was imported from before does not count.
    public init(period: ClosedRange<Timestamp>) { self.period = period }

    public var isEmpty: Bool { runs == 0 }

    /// - Parameters:
    ///   - risk: the OOM risk it was sized for.
    ///   - isFollowed: whether a recommendation was followed.
    ///   - declaredGiB: memory it would have had without one.
    public mutating func add(_ outcome: Outcome, risk: Double, isFollowed: Bool, declaredGiB: Double?) {
        guard period.contains(outcome.startedAt) else { return }
        let isKilled = outcome.status == .oomKilled || (outcome.usage.oomKills ?? 0) > 0
        count(outcome.runID, risk, isFollowed, isKilled)
        guard let seconds = outcome.usage.wallSeconds, seconds > 0, seconds < 1e8,
            let asked = outcome.settings.memoryBytes.map(Units.gib(bytes:))
        else { return }
        let hours = seconds / 3600
        if isFollowed, !isKilled, let declaredGiB {
            hasDeclared = true
            savedGiBHours += (declaredGiB - asked) * hours
        }
        // A peak beyond what was asked for was not held by the limit: what was used of it is all.
        guard let peak = outcome.usage.sizingPeakBytes.map({ min(Units.gib(bytes: $0), asked) }) else { return }
        askedGiBHours += asked * hours
        usedGiBHours += peak * hours
        guard steps.count < Self.stepCapacity || steps[outcome.step] != nil else { return }
        steps[outcome.step, default: StepFigures()].add(askedGiB: asked, peakGiB: peak, hours: hours)
    }

    /// The outcomes of a run are learned one after the other.
    private mutating func count(_ run: RunID?, _ risk: Double, _ isFollowed: Bool, _ isKilled: Bool) {
        var known = CountedRun(id: run)
        if let current, run != nil, current.id == run { known = current } else { runs += 1 }
        if isFollowed && !known.isFollowed {
            followed += 1
            risks += risk
            if known.isKilled { followedAndKilled += 1 }
        }
        known.isFollowed = known.isFollowed || isFollowed
        if isKilled && !known.isKilled {
            killed += 1
            if known.isFollowed { followedAndKilled += 1 }
        }
        known.isKilled = known.isKilled || isKilled
        current = known
    }

    // MARK: - Words

    /// The digest in sentences.
    public var text: String {
        var sentences = ["\(runs) run\(runs == 1 ? "" : "s") this week, \(killed) of them out of memory."]
        if followed > 0 {
            let accepted = risks / Double(followed)
            let seen = Double(followedAndKilled) / Double(followed)
            sentences.append(
                "Of \(followed) that followed a recommendation \(percent(seen)) ran out of memory; "
                    + "\(percent(accepted)) was accepted.")
        }
        if askedGiBHours > 0 {
            sentences.append(
                "\(gibHours(usedGiBHours)) of \(gibHours(askedGiBHours)) that were asked for were used "
                    + "(\(percent(usedGiBHours / askedGiBHours))).")
        }
        if hasDeclared {
            sentences.append(
                savedGiBHours >= 0
                    ? "Recommendations saved \(gibHours(savedGiBHours)) against the declared sizes."
                    : "Recommendations took \(gibHours(-savedGiBHours)) more than the declared sizes.")
        }
        return sentences.joined(separator: " ")
    }

    /// Where most memory was asked for and not used.
    public var facts: [Message.Fact] {
        steps.filter { $0.value.unusedGiBHours >= Self.smallestOpportunityGiBHours }
            .sorted {
                ($1.value.unusedGiBHours, $0.key.pipeline, $0.key.step) < (
                    $0.value.unusedGiBHours, $1.key.pipeline, $1.key.step
                )
            }
            .prefix(Self.opportunities)
            .map { step, figures in
                let name = [step.pipeline, step.stage, step.step].filter { !$0.isEmpty }.joined(separator: " › ")
                return Message.Fact(
                    name,
                    "asks for up to \(gib(figures.largestAskedGiB)), peaks at \(gib(figures.largestPeakGiB)) in "
                        + "\(figures.runs) run\(figures.runs == 1 ? "" : "s"): "
                        + "\(gibHours(figures.unusedGiBHours)) unused")
            }
    }

    private func percent(_ share: Double) -> String { "\(rounded(share * 100)) %" }
    private func gib(_ gib: Double) -> String { "\(rounded(gib)) GiB" }
    private func gibHours(_ amount: Double) -> String { "\(rounded(amount)) GiB·h" }

    /// One decimal below a hundred, none above.
    private func rounded(_ value: Double) -> String {
        if value >= 99.95 { return Int64(exactly: value.rounded()).map(String.init) ?? "\(value)" }
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
