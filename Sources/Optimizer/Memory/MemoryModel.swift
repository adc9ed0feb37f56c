import Glibc

/// Predicts peak memory and sets limits at a chosen risk: shrunken per-key means in GiB times a configuration factor,
/// two calibrated experts, rolling conformal margins, and trees where there are any.
///
/// All memory inside is a *normalised peak*: the peak divided by the configuration factor `h` of the run. Predictions
/// are in ``prediction(for:factors:renormalised:expectation:trees:)``, limits in ``limits(for:risk:capGiB:)``, learning in
/// ``observe(peak:chain:ticket:)``.
struct MemoryModel: Hashable, Codable, Sendable {
    /// A recommendation is never below this, GiB: a shell and a compiler driver need as much.
    static let smallestLimitGiB = 1.0 / 32
    /// Peaks outside of this range are read as its ends, GiB: 1 MiB to 16 TiB.
    static let plausiblePeaksGiB = 0x1p-10...0x1p14
    /// Weight of the next coarser level, in runs: for means and for variances.
    private static let meanPrior = 3.0
    private static let variancePrior = 6.0
    /// The same at the level that names the pipeline, where the coarser levels say little.
    private static let pipelineMeanPrior = 0.3
    private static let pipelineVariancePrior = 2.0
    /// Runs the running mean and variance are worth: (2 − rate) / rate of ``KeyStatistics``.
    private static let meanMemory = 12.33
    private static let varianceMemory = 39.0
    /// Typical errors added to the expectation; about the 90 % quantile of a normal error.
    static let baseErrors = 1.3
    /// Share of the trees' correction; the other half stays with the closed form, for trees overfit small histories.
    static let treeShare = 0.5
    /// A spread is at least this share of the installation's typical error.
    private static let smallestSpreadShare = 0.02
    /// Smallest starting point of the maximum expert, GiB.
    private static let smallestMaximum = 0.02
    /// Runs a key must have for its maximum to mean something.
    private static let maximumKeyRuns = 8
    /// Rows kept for the trees.
    private static let trainingRows = 10_000

    /// Expected peak of a build nothing is known about, GiB.
    let defaultGiB: Double
    private(set) var keys: BoundedMap<MemoryKey, KeyStatistics>
    /// Mean squared error of the expectation over all runs, *g*, GiB².
    private(set) var squaredError: Double
    /// Finished runs learned.
    private(set) var runCount = 0
    private var marginExpert: ExpertCalibration
    private var maximumExpert: ExpertCalibration
    private(set) var blend = ExpertBlend()
    private var feedback = RiskFeedback()
    private var sizeClasses = SizeClasses()
    private(set) var rows = RecentValues<TrainingRow>(capacity: trainingRows)

    /// - Parameters:
    ///   - risk: the usual OOM risk; its reciprocal decides how many scores are kept.
    ///   - keyCapacity: keys kept; those updated longest ago go first.
    ///   - globalExceedances: of ``ExpertCalibration``. With 0 and for the first thousand runs, this is the reference to the
    ///     last digit.
    init(
        defaultGiB: Double, risk: Double, keyCapacity: Int = 20_000,
        globalExceedances: Double = ExpertCalibration.globalExceedances
    ) {
        self.defaultGiB = defaultGiB
        keys = BoundedMap(capacity: keyCapacity)
        squaredError = (0.5 * defaultGiB) * (0.5 * defaultGiB)
        let capacity = Self.scoreCapacity(risk: risk)
        marginExpert = ExpertCalibration(starter: 2, capacity: capacity, globalExceedances: globalExceedances)
        maximumExpert = ExpertCalibration(starter: 1.5, capacity: capacity, globalExceedances: globalExceedances)
    }

    /// Scores needed for a risk: ten beyond it, at least a thousand, and no more than the smallest risk we price asks.
    private static func scoreCapacity(risk: Double) -> Int {
        Int((10 / risk.clamped(to: 0.001...1)).clamped(to: 1000...10_000))
    }

    /// Typical error of the expectation, GiB.
    private var typicalError: Double { max(squaredError.squareRoot(), 1e-6) }
}

// MARK: - Prediction

/// A peak expected before anything has been measured.
struct PeakExpectation: Hashable, Sendable {
    /// GiB.
    var meanGiB: Double
    /// Typical error, GiB.
    var spreadGiB: Double
    /// True when it is about this very build: it then says more than other pipelines do.
    var isStated = false

    /// Nobody has said anything: half the mean either way.
    static func unstated(meanGiB: Double) -> PeakExpectation {
        PeakExpectation(meanGiB: meanGiB, spreadGiB: 0.5 * meanGiB)
    }

    /// The caller has seen this as the largest. A usual run stays a quarter below the largest, and runs of one build
    /// differ by an eighth, not as builds differ from each other.
    static func stated(peakGiB: Double) -> PeakExpectation {
        PeakExpectation(meanGiB: peakGiB / 1.3, spreadGiB: peakGiB / 1.3 / 8, isStated: true)
    }
}

extension MemoryModel {
    /// Predicts peaks for the candidates of a decision.
    ///
    /// - Parameters:
    ///   - chain: keys, fine to coarse.
    ///   - factors: configuration factor of each candidate; at least one.
    ///   - renormalised: recomputed mean and maximum by level of the chain, where there are any.
    ///   - expectation: what to expect when no key is known; the model's own default if `nil`.
    ///   - trees: the learned correction, if there is one.
    func prediction(
        for chain: KeyChain, factors: [Double] = [1], renormalised: [RenormalisedPeaks?] = [],
        expectation: PeakExpectation? = nil, trees: MemoryTreeModel? = nil
    ) -> MemoryPrediction {
        func own(_ level: Int) -> RenormalisedPeaks? {
            renormalised.indices.contains(level) ? renormalised[level] : nil
        }
        let expectation = expectation ?? .unstated(meanGiB: defaultGiB)
        var mean = expectation.meanGiB
        var variance = expectation.spreadGiB * expectation.spreadGiB
        let known = chain.keys.map { keys[$0] }
        for (level, statistics) in known.enumerated().reversed() {
            guard let statistics, statistics.count > 0, !isRepeated(level, in: known, chain: chain) else { continue }
            if expectation.isStated && level > chain.pipelineLevel { continue }
            let isPipeline = level == chain.pipelineLevel
            let meanPrior = isPipeline ? Self.pipelineMeanPrior : Self.meanPrior
            let variancePrior = isPipeline ? Self.pipelineVariancePrior : Self.variancePrior
            let meanRuns = min(Double(statistics.count), Self.meanMemory)
            mean = (meanRuns * (own(level)?.mean ?? statistics.mean) + meanPrior * mean) / (meanRuns + meanPrior)
            let varianceRuns = min(Double(statistics.count), Self.varianceMemory)
            variance = (varianceRuns * statistics.variance + variancePrior * variance) / (varianceRuns + variancePrior)
        }
        let expected = factors.map { mean * $0 }
        let spread = factors.map { max(variance.squareRoot() * $0, Self.smallestSpreadShare * typicalError) }
        let features = self.features(of: known, factor: factors[0], expected: expected[0], spread: spread[0])
        let correction = trees.flatMap { $0.correctionGiB(features: features) }
        let base = factors.indices.map { index in
            guard let correction else { return expected[index] + Self.baseErrors * spread[index] }
            return expected[index] + Self.treeShare * correction / factors[0] * factors[index]
                + (1 - Self.treeShare) * Self.baseErrors * spread[index]
        }
        let level =
            known.firstIndex { ($0?.count ?? 0) >= Self.maximumKeyRuns } ?? known.firstIndex { ($0?.count ?? 0) > 0 }
        let largest = level.flatMap { own($0)?.maximum ?? known[$0]?.maximum }
        return MemoryPrediction(
            expected: expected, base: base, scale: spread.map { ($0 * typicalError).squareRoot() },
            maximum: largest.map { largest in factors.map { max(Self.smallestMaximum, largest * $0) } } ?? base,
            features: features, factors: factors,
            isCold: !known.prefix(chain.pipelineLevel + 1).contains { ($0?.count ?? 0) > 0 })
    }

    /// True for a level that holds the very runs of the next coarser level of the same step: a step with one
    /// configuration must not be shrunk towards itself twice.
    private func isRepeated(_ level: Int, in known: [KeyStatistics?], chain: KeyChain) -> Bool {
        level < chain.pipelineLevel && known[level]?.count == known[level + 1]?.count
    }

    /// Last, largest and 90 % quantile of each key against the expectation, coarse to fine, and the spread.
    private func features(of known: [KeyStatistics?], factor: Double, expected: Double, spread: Double) -> [Double?] {
        var features: [Double?] = []
        for statistics in known.reversed() {
            let summary = statistics?.summary
            for value in [summary?.last, summary?.maximum, summary?.quantile90] {
                features.append(value.map { $0 * factor - expected })
            }
        }
        return features + [spread]
    }

    /// Finished runs behind a key.
    func runs(of key: MemoryKey) -> Int { keys[key]?.count ?? 0 }
}

// MARK: - Limits

extension MemoryModel {
    /// The limits that are too small with probability `risk`, for each candidate of a prediction.
    ///
    /// - Parameters:
    ///   - risk: in (0, 1).
    ///   - capGiB: no limit is above this.
    func limits(for prediction: MemoryPrediction, risk: Double, capGiB: Double) -> MemoryLimits {
        let range = Self.smallestLimitGiB...max(Self.smallestLimitGiB, capGiB)
        let asked = feedback.asked(for: risk)
        // Few classes, many candidates: the quantiles are looked up once per class.
        let lookup = (0...SizeClasses.count).map { slot in
            let sizeClass = slot == 0 ? nil : slot - 1
            return (
                margin: marginExpert.quantile(risk: asked, sizeClass: sizeClass),
                maximum: maximumExpert.quantile(risk: asked, sizeClass: sizeClass),
                weight: blend.marginWeight(sizeClass: sizeClass, runs: runCount)
            )
        }
        var limits = MemoryLimits(blended: [], margin: [], maximum: [])
        for index in prediction.expected.indices {
            let calibration = lookup[sizeClasses.index(of: prediction.expected[index]).map { $0 + 1 } ?? 0]
            let margin = (prediction.base[index] + calibration.margin * prediction.scale[index]).clamped(to: range)
            let maximum = (prediction.maximum[index] * calibration.maximum).clamped(to: range)
            limits.margin.append(margin)
            limits.maximum.append(maximum)
            limits.blended.append(calibration.weight * margin + (1 - calibration.weight) * maximum)
        }
        return limits
    }

    /// Remembers the prediction for the candidate that was chosen.
    func ticket(for prediction: MemoryPrediction, candidate: Int, risk: Double, capGiB: Double) -> MemoryTicket {
        let limits = limits(for: prediction, risk: risk, capGiB: capGiB)
        return MemoryTicket(
            expected: prediction.expected[candidate], base: prediction.base[candidate],
            scale: prediction.scale[candidate], maximum: prediction.maximum[candidate],
            marginLimit: limits.margin[candidate], maximumLimit: limits.maximum[candidate],
            limit: limits.blended[candidate],
            factor: prediction.factors[candidate], sizeClass: sizeClasses.index(of: prediction.expected[candidate]),
            features: prediction.features, risk: risk)
    }

    /// Weight of the margin expert for a build that is expected to need `expected` GiB, 0 to 1.
    func marginWeight(expected: Double) -> Double {
        blend.marginWeight(sizeClass: sizeClasses.index(of: expected), runs: runCount)
    }

    /// Weight of the margin expert for a ticket's size class, 0 to 1.
    func marginWeight(of ticket: MemoryTicket) -> Double {
        blend.marginWeight(sizeClass: ticket.sizeClass, runs: runCount)
    }
}

// MARK: - Learning

extension MemoryModel {
    /// Slowest rate of the squared error over all runs: a memory of a hundred runs.
    private static var errorRate: Double { 0.01 }

    /// Learns the peak of a run that finished.
    ///
    /// The order counts: scores and losses judge the prediction before the run may move anything it rested on.
    ///
    /// - Parameters:
    ///   - peak: GiB of the attempt that finished.
    ///   - chain: keys, fine to coarse.
    ///   - ticket: the prediction made before the run.
    mutating func observe(peak: Double, chain: KeyChain, ticket: MemoryTicket) {
        let peak = peak.clamped(to: Self.plausiblePeaksGiB)
        let capacity = Self.scoreCapacity(risk: ticket.risk)
        marginExpert.grow(to: capacity)
        maximumExpert.grow(to: capacity)
        marginExpert.append((peak - ticket.base) / ticket.scale, sizeClass: ticket.sizeClass)
        maximumExpert.append(peak / ticket.maximum, sizeClass: ticket.sizeClass)
        blend.learn(peak: peak, ticket: ticket)
        if let limit = ticket.limit { feedback.learn(held: peak <= limit, risk: ticket.risk, runs: runCount) }
        let error = peak - ticket.expected
        squaredError += max(Self.errorRate, 1 / Double(runCount + 2)) * (error * error - squaredError)
        runCount += 1
        rows.append(TrainingRow(features: ticket.features, target: error))
        learnKeys(peak: peak, chain: chain, ticket: ticket)
        sizeClasses.learn(expected: ticket.expected, runs: runCount)
    }

    /// Raises what is expected of a step after a run that was cut short above the expectation. Its true peak is unknown
    /// but no smaller, so the level may rise; margins are left alone, for only high peaks come this way.
    mutating func raise(peak: Double, chain: KeyChain, ticket: MemoryTicket) {
        let peak = peak.clamped(to: Self.plausiblePeaksGiB)
        guard peak > ticket.expected else { return }
        learnKeys(peak: peak, chain: chain, ticket: ticket)
    }

    /// Forgets keys that nothing will ask for again.
    mutating func forget(_ forgotten: some Sequence<MemoryKey>) { keys.remove(forgotten) }

    /// Brings back what was known of a step's own keys, where they were forgotten with it.
    mutating func recall(_ recalled: [MemoryKey: KeyStatistics]) {
        // In a fixed order: the map remembers when each entry was updated.
        for (key, statistics) in recalled.sorted(by: { $0.key.hash < $1.key.hash }) where keys[key] == nil {
            keys.update(key, default: statistics) { _ in }
        }
    }

    /// Shows forgotten keys for the moment.
    ///
    /// - Returns: those that were not there; hand them to ``forget(_:)`` afterwards.
    mutating func lend(_ lent: [MemoryKey: KeyStatistics]) -> [MemoryKey] {
        let missing = lent.filter { keys[$0.key] == nil }
        for (key, statistics) in missing { keys.lend(statistics, for: key) }
        return Array(missing.keys)
    }

    private mutating func learnKeys(peak: Double, chain: KeyChain, ticket: MemoryTicket) {
        let normalised = peak / ticket.factor
        let error = (peak - ticket.expected) / ticket.factor
        for key in chain.keys {
            keys.update(key, default: KeyStatistics()) { $0.learn(peak: normalised, error: error) }
        }
    }
}
