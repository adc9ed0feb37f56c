import Glibc

/// Takes back configurations that do clearly worse than the declared one would have done.
struct RollbackGuard: Hashable, Codable, Sendable {
    /// Newest runs per configuration that are compared, and the fewest that decide.
    private static let window = 5
    private static let fewestRuns = 4
    /// Worse by this much on average, and by this many standard errors.
    private static let tolerated = 1.10
    private static let standardErrors = 2.0
    /// Runs of the step for which a configuration is banned.
    private static let banRuns = 20
    /// Configurations remembered; the trust region rarely holds more.
    private static let capacity = 64

    private struct Comparison: Hashable, Codable, Sendable {
        var candidate: Candidate
        var logRatios: RecentValues<Double>
    }

    private struct Ban: Hashable, Codable, Sendable {
        var candidate: Candidate
        /// Run count of the step at which it ends.
        var until: Int
    }

    private var comparisons: [Comparison] = []
    private var bans: [Ban] = []

    /// Configurations banned for a step that has had `runs` finished runs.
    func banned(runs: Int) -> Set<Candidate> {
        Set(bans.filter { runs < $0.until }.map(\.candidate))
    }

    /// Compares a run with what the declared configuration would have done.
    ///
    /// - Parameters:
    ///   - objective: of the run, lost attempts included.
    ///   - declaredObjective: predicted for the declared configuration.
    ///   - runs: finished runs of the step, this one not included.
    /// - Returns: true when the configuration is banned from now on.
    mutating func learn(_ candidate: Candidate, objective: Double, declaredObjective: Double, runs: Int) -> Bool {
        bans.removeAll { $0.until <= runs }
        let ratio = log(objective / declaredObjective)
        guard ratio.isFinite else { return false }
        let index = comparisons.firstIndex { $0.candidate == candidate }
        var comparison =
            index.map { comparisons.remove(at: $0) }
            ?? Comparison(candidate: candidate, logRatios: RecentValues(capacity: Self.window))
        comparison.logRatios.append(ratio)
        let isWorse = Self.isWorse(comparison.logRatios.elements)
        if isWorse {
            bans.append(Ban(candidate: candidate, until: runs + Self.banRuns))
        } else {
            comparisons.append(comparison)
            if comparisons.count > Self.capacity { comparisons.removeFirst() }
        }
        return isWorse
    }

    private static func isWorse(_ ratios: [Double]) -> Bool {
        guard ratios.count >= fewestRuns else { return false }
        let count = Double(ratios.count)
        let mean = ratios.reduce(0, +) / count
        let squares = ratios.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / (count - 1)).squareRoot() / count.squareRoot()
        return mean > log(tolerated) && mean / max(error, 1e-6) > standardErrors
    }
}
