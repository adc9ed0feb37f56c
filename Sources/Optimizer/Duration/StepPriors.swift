import Glibc

/// What is believed of a step before it has runs of its own: one prior per regression.
struct StepPriors: Hashable, Codable, Sendable {
    var work: CoefficientPrior
    var memory: CoefficientPrior
    var duration: CoefficientPrior

    /// What the product ships with.
    static let shipped = StepPriors(
        work: WorkModel.prior, memory: MemorySlopes.prior, duration: ParallelismProfile.prior)
}

/// Coefficients and noise of one fitted regression.
struct CoefficientSummary: Hashable, Codable, Sendable {
    var coefficients: [Double]
    var variance: Double

    init(_ fit: BayesianRegression) {
        coefficients = fit.coefficients
        variance = fit.variance
    }
}

/// The fitted regressions of a step, as pooling over the steps of a tool needs them.
struct StepSummary: Hashable, Codable, Sendable {
    /// Runs a step must have to take part.
    static let fewestRuns = 6

    var work: CoefficientSummary?
    var memory: CoefficientSummary?
    var duration: CoefficientSummary?

    init(models: StepModels, runCount: Int, timedCount: Int) {
        let isTimed = timedCount >= Self.fewestRuns
        work = isTimed ? CoefficientSummary(models.work) : nil
        duration = isTimed ? CoefficientSummary(models.duration) : nil
        memory = runCount >= Self.fewestRuns ? CoefficientSummary(models.memory) : nil
    }
}

extension StepPriors {
    /// Observations between two poolings, at least.
    static let poolingInterval = 20

    /// The priors of a tool, from the steps that use it: their mean and spread, shrunk towards what is shipped.
    init(pooling steps: [StepSummary]) {
        work = Self.pool(steps.compactMap(\.work), shipped: Self.shipped.work)
        memory = Self.pool(steps.compactMap(\.memory), shipped: Self.shipped.memory)
        duration = Self.pool(steps.compactMap(\.duration), shipped: Self.shipped.duration)
    }

    /// Steps the shipped prior is worth.
    private static let shippedWeight = 3.0
    /// Keeps a deviation above zero where all steps agree.
    private static let smallestDeviation = 1e-3

    private static func pool(_ fits: [CoefficientSummary], shipped: CoefficientPrior) -> CoefficientPrior {
        guard !fits.isEmpty else { return shipped }
        let count = Double(fits.count)
        let share = count / (count + shippedWeight)
        var pooled = shipped
        for index in shipped.mean.indices {
            let mean = fits.reduce(0) { $0 + $1.coefficients[index] } / count
            let centre = share * mean + (1 - share) * shipped.mean[index]
            let squares = fits.reduce(0) { sum, fit in
                sum + (fit.coefficients[index] - centre) * (fit.coefficients[index] - centre)
            }
            let deviation = shipped.standardDeviation[index]
            pooled.mean[index] = centre
            pooled.standardDeviation[index] =
                ((shippedWeight * deviation * deviation + squares) / (count + shippedWeight)).squareRoot()
                + smallestDeviation
        }
        let logNoise = fits.reduce(0) { $0 + 0.5 * log($1.variance) } / count
        pooled.noise = exp(share * logNoise + (1 - share) * log(shipped.noise))
        return pooled
    }
}
