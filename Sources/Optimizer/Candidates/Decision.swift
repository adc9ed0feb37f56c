/// The choice among the candidates of a ``DecisionProblem``.
struct Decision: Hashable, Sendable {
    /// Index of the chosen candidate, and of the one that looks best.
    let chosen: Int
    let greedy: Int
    /// Score of the chosen and the best candidate with the expected duration.
    let score: DecisionProblem.Score
    let bestValue: Double
    /// Probability of this choice, before any control arm.
    let propensity: Double

    var isExplored: Bool { chosen != greedy }

    /// Candidates this close to the best are equally good; the cheapest of them is taken.
    private static let parsimony = 1.01
    /// Exploration stays among candidates that are at most this much worse than the best.
    private static let safety = 1.15
    /// Draws that estimate the propensity of an explored choice.
    private static let propensityDraws = 64

    /// The best candidate, without exploring; `nil` when there is none.
    init?(greedily problem: DecisionProblem, duration: BayesianRegression) {
        let scores = problem.scores(theta: duration.coefficients)
        guard let greedy = Self.greedy(problem, scores) else { return nil }
        self.init(
            chosen: greedy, greedy: greedy, score: scores[greedy], bestValue: scores[greedy].value, propensity: 1)
    }

    private init(
        chosen: Int, greedy: Int, score: DecisionProblem.Score, bestValue: Double, propensity: Double
    ) {
        self.chosen = chosen
        self.greedy = greedy
        self.score = score
        self.bestValue = bestValue
        self.propensity = propensity
    }

    /// Thompson sampling within a safe set: with probability `explorationRate`, duration coefficients are drawn from
    /// their posterior and the best candidate *for them* is taken, unless it looks clearly worse than the best.
    init?(
        _ problem: DecisionProblem, duration: BayesianRegression, explorationRate: Double,
        using generator: inout some RandomNumberGenerator
    ) {
        let scores = problem.scores(theta: duration.coefficients)
        guard let greedy = Self.greedy(problem, scores) else { return nil }
        let safe = scores.indices.filter { scores[$0].value <= Self.safety * scores[greedy].value }
        func best(for theta: [Double]) -> Int {
            problem.best(of: safe, theta: theta.map { max(0, $0) }) ?? greedy
        }
        guard explorationRate > 0 else {
            self.init(
                chosen: greedy, greedy: greedy, score: scores[greedy], bestValue: scores[greedy].value, propensity: 1)
            return
        }
        let explores = generator.nextUnit() < explorationRate
        let chosen = explores ? best(for: duration.draw(using: &generator)) : greedy
        let draws = (0..<Self.propensityDraws).map { _ in best(for: duration.draw(using: &generator)) }
        // A draw that none of the others repeats still had a chance.
        let share = Double(max(draws.count { $0 == chosen }, explores ? 1 : 0)) / Double(Self.propensityDraws)
        self.init(
            chosen: chosen, greedy: greedy, score: scores[chosen], bestValue: scores[greedy].value,
            propensity: (chosen == greedy ? 1 - explorationRate : 0) + explorationRate * share)
    }

    private static func greedy(_ problem: DecisionProblem, _ scores: [DecisionProblem.Score]) -> Int? {
        guard let best = scores.map(\.value).min(), best.isFinite else { return nil }
        return scores.indices.filter { scores[$0].value <= parsimony * best }
            .min { problem.pricePerSecond($0, scores[$0]) < problem.pricePerSecond($1, scores[$1]) }
    }
}
