/// Candidates with all that is needed to score them: the objective of the caller, what each takes and costs, and what an
/// OOM kill would cost on top.
struct DecisionProblem: Sendable {
    /// OOM risks that are weighed against the memory they save.
    static let risks = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5]
    /// Share of the run that is lost before a kill, and seconds until the retry begins.
    private static let lostShare = 0.6
    private static let retrySeconds = 30.0
    /// What the score of a banned candidate is multiplied with.
    private static let banFactor = 1.5

    let candidates: [Candidate]
    /// Rows whose product with the duration coefficients is the duration.
    let durationRows: [[Double]]
    /// For each risk, GiB for each candidate.
    let limits: [(risk: Double, memoryGiB: [Double])]
    let objective: ObjectiveRates
    let prices: Prices
    let banned: Set<Candidate>

    /// The best that one candidate can do.
    struct Score: Hashable, Sendable {
        var value: Double
        var memoryGiB: Double
        var risk: Double
    }

    /// The risks up to what the caller accepts, the accepted one included.
    static func risks(upTo accepted: Double) -> [Double] {
        let below = risks.filter { $0 <= accepted + 1e-12 }
        return below.last.map { $0 < accepted - 1e-12 } ?? true ? below + [accepted] : below
    }

    /// The least objective over the risks, for duration coefficients `theta`.
    func score(_ index: Int, theta: [Double]) -> Score {
        let candidate = candidates[index]
        var seconds = 0.0
        for (column, value) in durationRows[index].enumerated() { seconds += value * theta[column] }
        seconds = max(ParallelismProfile.shortestSeconds, seconds)
        var best = Score(value: .infinity, memoryGiB: limits.last?.memoryGiB[index] ?? 0, risk: limits.last?.risk ?? 0)
        for (risk, memory) in limits {
            let price = prices.perSecond(cores: candidate.cores, memoryGiB: memory[index])
            let run = seconds * (objective.perSecond + objective.perDollar * price)
            // A kill costs the part of the run that is lost, and the retry needs twice the memory.
            let retry =
                (Self.lostShare * seconds + Self.retrySeconds) * objective.perSecond
                + objective.perDollar
                * (Self.lostShare * seconds * price + seconds * memory[index] * prices.gibSecondUSD)
            let value = run + risk * retry
            if value < best.value { best = Score(value: value, memoryGiB: memory[index], risk: risk) }
        }
        return best
    }

    /// Scores of all candidates with the expected duration; those that did worse than promised are handicapped.
    func scores(theta: [Double]) -> [Score] {
        candidates.indices.map { index in
            var score = score(index, theta: theta)
            if banned.contains(candidates[index]) { score.value *= Self.banFactor }
            return score
        }
    }

    func pricePerSecond(_ index: Int, _ score: Score) -> Double {
        prices.perSecond(cores: candidates[index].cores, memoryGiB: score.memoryGiB)
    }
}
