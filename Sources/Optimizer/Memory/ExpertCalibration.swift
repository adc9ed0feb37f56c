/// How far one expert's starting point must be raised for a risk: a rolling window of scores over all runs, and one for
/// each size class.
struct ExpertCalibration: Hashable, Codable, Sendable {
    /// Least weight of the global quantile against the class's own scores, in scores.
    private static let leastGlobalWeight = 500.0
    /// The global quantile weighs at least as many scores as hold this many beyond the risk. At 0.3 %, a class's five
    /// hundred scores hold one or two that matter, and their quantile is luck: with five hundred at every risk, limits for
    /// 0.3 % took 2 % more memory.
    static let globalExceedances = 10.0
    /// Scores until the starting value has lost all its weight.
    private static let starterCount = 20.0

    /// Used before the first score.
    private let starter: Double
    private let globalExceedances: Double
    private var all: RollingScores
    private var classes: [RollingScores]

    /// - Parameters:
    ///   - starter: margin before the first score.
    ///   - capacity: scores kept per window.
    ///   - globalExceedances: see ``globalExceedances``; 0 leaves the least weight alone.
    init(starter: Double, capacity: Int, globalExceedances: Double = Self.globalExceedances) {
        self.starter = starter
        self.globalExceedances = globalExceedances
        all = RollingScores(capacity: capacity)
        classes = Array(repeating: RollingScores(capacity: capacity), count: SizeClasses.count)
    }

    mutating func append(_ score: Double, sizeClass: Int?) {
        all.append(score)
        if let sizeClass { classes[sizeClass].append(score) }
    }

    mutating func grow(to capacity: Int) {
        all.grow(to: capacity)
        for index in classes.indices { classes[index].grow(to: capacity) }
    }

    /// The margin for a risk in (0, 1) and a size class.
    func quantile(risk: Double, sizeClass: Int?) -> Double {
        guard var quantile = all.upper(risk) else { return starter }
        let known = Double(all.count) / Self.starterCount
        if known < 1 { quantile = max(quantile, starter * (1 - known) + quantile * known) }
        if let sizeClass, let own = classes[sizeClass].upper(risk) {
            let weight = Double(classes[sizeClass].count)
            let global = max(Self.leastGlobalWeight, globalExceedances / risk)
            quantile = (weight * own + global * quantile) / (weight + global)
        }
        return quantile
    }
}
