/// What a backtest found: each policy's score, and ours against the best rival.
public struct BacktestReport: Hashable, Sendable, Codable {
    public struct Row: Hashable, Sendable, Codable {
        public var name: String
        /// Accepted OOM risk; rivals have none.
        public var risk: Double?
        public var score: PolicyScore
        /// The learned model in force at the end.
        public var modelVersion: String?
        /// Against the best rival; rivals have none.
        public var comparison: PolicyComparison?
        /// What it comes to, in words; rivals have none.
        public var verdict: String?
    }

    /// Builds replayed, and those of them that count.
    public var builds: Int
    public var scoredBuilds: Int
    /// False when time and money say nothing.
    public var hasDurations: Bool
    /// Ours first, in the order of the runs.
    public var rows: [Row]

    /// - Parameters:
    ///   - runs: in the order in which they are shown.
    ///   - seed: of the resamples.
    public init(
        _ history: RecordedHistory, runs: [PolicyRun], configuration: OptimizerConfiguration = .init(), seed: UInt64
    ) {
        let scoring = Scoring(history, prices: configuration.bounded.prices, seed: seed)
        let totals = runs.map { scoring.totals($0.limitsGiB) }
        let scores = zip(runs, totals).map { scoring.score($0.limitsGiB, totals: $1) }
        let rivals = runs.indices.filter { runs[$0].policy.risk == nil }
        builds = history.builds.count
        scoredBuilds = scoring.scored.indices.count
        hasDurations = history.hasDurations
        rows = runs.indices.map { index in
            let name = runs[index].policy.name
            var row = Row(
                name: name, risk: runs[index].policy.risk, score: scores[index],
                modelVersion: runs[index].modelVersion)
            guard let risk = row.risk else { return row }
            let best = Self.best(of: rivals, scores: scores, risk: risk)
            row.comparison = best.map {
                scoring.comparison(totals[index], with: totals[$0], named: runs[$0].policy.name)
            }
            let current = rivals.first { runs[$0].policy == .currentSettings && $0 != best }
            row.verdict =
                Verdict(
                    risk: risk, ours: scores[index], rival: best.map { scores[$0] }, row.comparison,
                    current: current.map { scores[$0] }
                ).text
            return row
        }
    }

    /// The rival to beat: of those that kill no more than was accepted the one that wastes least; when all kill more,
    /// the one that kills least.
    private static func best(of rivals: [Int], scores: [PolicyScore], risk: Double) -> Int? {
        let safe = rivals.filter { scores[$0].killed.value <= risk }
        if !safe.isEmpty { return safe.min { scores[$0].wasteToUsed.value < scores[$1].wasteToUsed.value } }
        return rivals.min {
            (scores[$0].killed.value, scores[$0].wasteToUsed.value)
                < (scores[$1].killed.value, scores[$1].wasteToUsed.value)
        }
    }
}
