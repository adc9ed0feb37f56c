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
    /// For each risk, GiB for each candidate.
    let limits: [(risk: Double, memoryGiB: [Double])]
    let prices: Prices
    var banned: Set<Candidate>
    /// Rows whose product with the duration coefficients is the duration, one after the other.
    private let durationRows: [Double]
    /// For each candidate and risk, the objective per second of the run: with the duration T it is T times this, plus the
    /// risk's share of ``objectivePerRetry``. The duration is all that a draw of coefficients changes.
    private let objectivePerSecond: [Double]
    /// Objective of the time until a retry begins.
    private let objectivePerRetry: Double

    /// - Parameters:
    ///   - durationRows: for each candidate, the row whose product with the duration coefficients is the duration.
    ///   - limits: for each risk, GiB for each candidate.
    ///   - banned: candidates that did worse than promised.
    init(
        candidates: [Candidate], durationRows: [[Double]], limits: [(risk: Double, memoryGiB: [Double])],
        objective: ObjectiveRates, prices: Prices, banned: Set<Candidate>
    ) {
        self.candidates = candidates
        self.limits = limits
        self.prices = prices
        self.banned = banned
        self.durationRows = durationRows.flatMap(\.self)
        objectivePerRetry = Self.retrySeconds * objective.perSecond
        var rates: [Double] = []
        rates.reserveCapacity(candidates.count * limits.count)
        for (index, candidate) in candidates.enumerated() {
            for (risk, memory) in limits {
                let price = prices.perSecond(cores: candidate.cores, memoryGiB: memory[index])
                let run = objective.perSecond + objective.perDollar * price
                // A kill costs the part of the run that is lost, and the retry needs twice the memory.
                let retry = objective.perDollar * memory[index] * prices.gibSecondUSD
                rates.append(run + risk * (Self.lostShare * run + retry))
            }
        }
        objectivePerSecond = rates
    }

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

    /// What one OOM kill costs: the part of the run that is lost, and a retry with twice the memory.
    ///
    /// - Parameters:
    ///   - seconds: duration of the run.
    ///   - pricePerSecond: of the run, US dollars.
    ///   - memoryPricePerSecond: of its memory alone.
    static func killCost(
        seconds: Double, pricePerSecond: Double, memoryPricePerSecond: Double
    ) -> (seconds: Double, dollars: Double) {
        (
            lostShare * seconds + retrySeconds,
            lostShare * seconds * pricePerSecond + seconds * memoryPricePerSecond
        )
    }

    /// The least objective over the risks, for duration coefficients `theta`.
    func score(_ index: Int, theta: [Double]) -> Score {
        let seconds = seconds(index, theta: theta)
        var best = Score(value: .infinity, memoryGiB: limits.last?.memoryGiB[index] ?? 0, risk: limits.last?.risk ?? 0)
        for (level, limit) in limits.enumerated() {
            let value = seconds * objectivePerSecond[index * limits.count + level] + limit.risk * objectivePerRetry
            if value < best.value { best = Score(value: value, memoryGiB: limit.memoryGiB[index], risk: limit.risk) }
        }
        return best
    }

    private func seconds(_ index: Int, theta: [Double]) -> Double {
        let start = index * theta.count
        var seconds = 0.0
        for column in theta.indices { seconds += durationRows[start + column] * theta[column] }
        return max(ParallelismProfile.shortestSeconds, seconds)
    }

    /// The best of some candidates for duration coefficients `theta`, the first of equals; `nil` for none.
    func best(of indices: [Int], theta: [Double]) -> Int? {
        let risks = limits.map { $0.risk * objectivePerRetry }
        var best: (index: Int, value: Double)?
        return objectivePerSecond.withUnsafeBufferPointer { rates in
            for index in indices {
                let seconds = seconds(index, theta: theta)
                var value = Double.infinity
                for level in risks.indices {
                    value = min(value, seconds * rates[index * risks.count + level] + risks[level])
                }
                if value < best?.value ?? .infinity { best = (index, value) }
            }
            return best?.index
        }
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
