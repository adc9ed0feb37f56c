import Foundation
import Storage

/// The OOM risk that was promised with recommendations, against what came.
struct Promise: Hashable, Sendable {
    /// Runs that followed a recommendation; how many of them were expected to run out of memory, and how many did.
    var runs: Double
    var promised: Double
    var came: Double

    /// Fewer say nothing about risks of a few percent.
    static let fewestRuns = 30.0
    /// A promise counts as broken when so many kills would come by chance less often than this.
    private static let doubt = 0.05

    enum Verdict: Hashable, Sendable {
        case tooFewRuns, kept, withinChance, broken
    }

    init(_ figures: UsageFigures) {
        (runs, promised, came) = (figures.followedRuns, figures.promisedOOMRuns, figures.followedOOMRuns)
    }

    var promisedShare: Double? { runs > 0 ? promised / runs : nil }
    var cameShare: Double? { runs > 0 ? came / runs : nil }

    var verdict: Verdict {
        if came <= promised { return runs < Self.fewestRuns ? .tooFewRuns : .kept }
        if Self.chance(ofAtLeast: came, expecting: promised) < Self.doubt { return .broken }
        return runs < Self.fewestRuns ? .tooFewRuns : .withinChance
    }

    /// Probability of `count` or more rare events where `mean` are expected (Poisson).
    static func chance(ofAtLeast count: Double, expecting mean: Double) -> Double {
        guard count > 0 else { return 1 }
        guard mean > 0 else { return 0 }
        var term = exp(-mean)
        var below = 0.0
        for k in 0..<Int(min(count, 1e6)) {
            below += term
            term *= mean / Double(k + 1)
        }
        return max(0, 1 - below)
    }

    var text: String {
        let told =
            "Promised \(Figures.percent(promisedShare)), came \(Figures.percent(cameShare)) (\(Figures.count(came)) of "
            + "\(Figures.count(runs, "run")) that followed a recommendation)."
        return switch verdict {
        case .tooFewRuns where runs == 0: "No run has followed a recommendation yet."
        case .tooFewRuns: told + " Too few to judge: \(Figures.count(Self.fewestRuns)) are needed."
        case .kept: told
        case .withinChance: told + " That many come by chance; more runs will tell."
        case .broken: told + " That is more than chance explains."
        }
    }

    var tag: HTML {
        switch verdict {
        case .tooFewRuns: "<span class=\"tag\">too few runs</span>"
        case .kept: "<span class=\"tag ok\">kept</span>"
        case .withinChance: "<span class=\"tag warn\">within chance</span>"
        case .broken: "<span class=\"tag bad\">broken</span>"
        }
    }
}
