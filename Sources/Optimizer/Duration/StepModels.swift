import Glibc

/// The three regressions of one step: work, memory slopes, duration. Fitted to its kept records, newer ones weighing more.
struct StepModels: Hashable, Sendable {
    /// Records after which a record's weight has halved.
    private static let halfLife = 80.0
    /// Records from which on outliers can be told.
    private static let robustFrom = 4

    let work: BayesianRegression
    let memory: BayesianRegression
    let duration: BayesianRegression
    /// Cores one job keeps busy.
    let jobUtilisation: Double
    /// Unit of the fixed time, seconds.
    let fixedUnitSeconds: Double

    /// - Parameters:
    ///   - records: oldest first.
    ///   - priors: what is believed of the step's tool.
    ///   - referenceSeconds: duration of a mean run, used before the first record.
    init(records: [StepRecord], priors: StepPriors, referenceSeconds: Double) {
        let timed = records.compactMap { record in record.timing.map { (record: record, timing: $0) } }
        fixedUnitSeconds = ParallelismProfile.fixedUnitSeconds(
            firstDuration: timed.first?.timing.wallSeconds ?? referenceSeconds)
        memory = Self.fitMemory(records, prior: priors.memory)
        work = Self.fitWork(timed, prior: priors.work)
        (duration, jobUtilisation) = Self.fitDuration(
            timed, prior: priors.duration, fixedUnitSeconds: fixedUnitSeconds)
    }

    private typealias TimedRecord = (record: StepRecord, timing: StepRecord.Timing)

    private static func weights(_ count: Int) -> [Double] {
        (0..<count).map { pow(0.5, Double(count - 1 - $0) / halfLife) }
    }

    private static func fitWork(_ timed: [TimedRecord], prior: CoefficientPrior) -> BayesianRegression {
        var rows = DesignMatrix(columns: prior.mean.count, rows: timed.count)
        for (record, timing) in timed {
            rows.append {
                WorkModel.append(to: &$0, conditions: record.conditions, jobs: record.jobs, cores: timing.cores)
            }
        }
        return robustFit(prior: prior, rows: rows, responses: timed.map { log($0.timing.workSeconds) })
    }

    /// A least-squares fit, and from four rows on a second one in which outliers weigh less.
    private static func robustFit(
        prior: CoefficientPrior, rows: DesignMatrix, responses: [Double]
    ) -> BayesianRegression {
        let weights = weights(rows.rowCount)
        let first = BayesianRegression(prior: prior, rows: rows, responses: responses, weights: weights)
        guard rows.rowCount >= robustFrom else { return first }
        let fitted = rows.times(first.coefficients)
        let reweighted = weights.indices.map { row in
            let residual = responses[row] - fitted[row]
            return weights[row] * Huber.weight(residual: residual, variance: first.variance)
        }
        return BayesianRegression(prior: prior, rows: rows, responses: responses, weights: reweighted)
    }

    /// An upper expectile: robust below, and no high peak is taken for an outlier.
    private static func fitMemory(_ records: [StepRecord], prior: CoefficientPrior) -> BayesianRegression {
        var rows = DesignMatrix(columns: prior.mean.count, rows: records.count)
        var responses: [Double] = []
        for record in records {
            guard let peak = record.peakGiB else { continue }
            rows.append { MemorySlopes.append(to: &$0, conditions: record.conditions, jobs: record.memoryJobs) }
            responses.append(log(peak))
        }
        let weights = weights(rows.rowCount)
        var fit = BayesianRegression(prior: prior, rows: rows, responses: responses, weights: weights)
        guard rows.rowCount >= robustFrom else { return fit }
        for _ in 0..<MemorySlopes.expectilePasses {
            let fitted = rows.times(fit.coefficients)
            let reweighted = weights.indices.map { row in
                let isBelow = responses[row] < fitted[row]
                return weights[row] * (isBelow ? MemorySlopes.lowerWeight : 1)
            }
            fit = BayesianRegression(prior: prior, rows: rows, responses: responses, weights: reweighted)
        }
        return fit
    }

    /// Fits relative errors: the rows are divided by the duration, the response is 1. The utilisation with the greatest
    /// evidence wins.
    private static func fitDuration(
        _ timed: [TimedRecord], prior: CoefficientPrior, fixedUnitSeconds: Double
    ) -> (BayesianRegression, Double) {
        guard !timed.isEmpty else {
            let fit = BayesianRegression(
                prior: prior, rows: DesignMatrix(columns: ParallelismProfile.columns), responses: [], weights: [])
            return (fit, ParallelismProfile.usualJobUtilisation)
        }
        let noise = prior.noise / ParallelismProfile.shareSumDeviation
        let weights = weights(timed.count) + [noise * noise]
        let responses = [Double](repeating: 1, count: weights.count)
        var best: (fit: BayesianRegression, utilisation: Double, score: Double)?
        var last: (parallelism: [Double], fit: BayesianRegression)?
        for (utilisation, probability) in ParallelismProfile.jobUtilisations {
            let parallelism = timed.map { min($0.timing.cores, utilisation * $0.record.jobs) }
            // Where cores bind, another utilisation changes nothing.
            let known = last.flatMap { $0.parallelism == parallelism ? $0.fit : nil }
            let fit =
                known
                ?? fitDuration(
                    timed, parallelism: parallelism, weights: weights, responses: responses, prior: prior,
                    fixedUnitSeconds: fixedUnitSeconds)
            last = (parallelism, fit)
            let score = fit.negativeLogEvidence - log(probability)
            if score < best?.score ?? .infinity { best = (fit, utilisation, score) }
        }
        guard var best else {
            let fit = BayesianRegression(
                prior: prior, rows: DesignMatrix(columns: ParallelismProfile.columns), responses: [], weights: [])
            return (fit, ParallelismProfile.usualJobUtilisation)
        }
        best.fit.projectOnNonNegative()
        return (best.fit, best.utilisation)
    }

    /// The fit for one utilisation: a first one, and from four runs on a second one in which outliers weigh less.
    private static func fitDuration(
        _ timed: [TimedRecord], parallelism: [Double], weights: [Double], responses: [Double],
        prior: CoefficientPrior, fixedUnitSeconds: Double
    ) -> BayesianRegression {
        var rows = DesignMatrix(columns: ParallelismProfile.columns, rows: weights.count)
        for (parallelism, run) in zip(parallelism, timed) {
            rows.append {
                ParallelismProfile.append(
                    to: &$0, parallelism: parallelism, workSeconds: run.timing.workSeconds,
                    fixedUnitSeconds: fixedUnitSeconds, divisor: run.timing.wallSeconds)
            }
        }
        rows.append(ParallelismProfile.shareSumRow)
        let first = BayesianRegression(prior: prior, rows: rows, responses: responses, weights: weights)
        guard timed.count >= robustFrom else { return first }
        let fitted = rows.times(first.coefficients)
        let reweighted = weights.indices.map { row in
            guard row < timed.count else { return weights[row] }
            return weights[row] * Huber.weight(residual: 1 - fitted[row], variance: first.variance)
        }
        return BayesianRegression(prior: prior, rows: rows, responses: responses, weights: reweighted)
    }
}

// MARK: - Prediction

extension StepModels {
    /// CPU seconds, at the median.
    func medianWorkSeconds(conditions: BuildConditions, _ candidate: Candidate) -> Double {
        exp(logWork(conditions: conditions, candidate)).clamped(to: 0.01...1e9)
    }

    /// CPU seconds, expected: the mean of a log-normal lies above its median.
    func expectedWorkSeconds(conditions: BuildConditions, _ candidate: Candidate) -> Double {
        exp(logWork(conditions: conditions, candidate) + work.variance / 2).clamped(to: 0.01...1e9)
    }

    private func logWork(conditions: BuildConditions, _ candidate: Candidate) -> Double {
        work.response(at: WorkModel.row(conditions: conditions, jobs: candidate.jobs, cores: candidate.cores))
    }

    /// The row whose product with the duration coefficients is the duration.
    func durationRow(_ candidate: Candidate, workSeconds: Double) -> [Double] {
        ParallelismProfile.row(
            parallelism: min(candidate.cores, jobUtilisation * candidate.jobs), workSeconds: workSeconds,
            fixedUnitSeconds: fixedUnitSeconds)
    }

    /// Seconds a given amount of work takes.
    func durationSeconds(_ candidate: Candidate, workSeconds: Double) -> Double {
        max(0, duration.response(at: durationRow(candidate, workSeconds: workSeconds)))
    }

    /// Deviation of the logarithm of a new duration: what is uncertain in the work and in the speed.
    func logDurationDeviation(conditions: BuildConditions, _ candidate: Candidate) -> Double {
        let row = WorkModel.row(conditions: conditions, jobs: candidate.jobs, cores: candidate.cores)
        let deviation = work.predictiveDeviation(at: row)
        return (deviation * deviation + duration.variance).squareRoot()
    }

    /// Configuration factor of memory.
    func memoryFactor(conditions: BuildConditions, jobs: Double) -> Double {
        MemorySlopes.factor(coefficients: memory.coefficients, conditions: conditions, jobs: jobs)
    }
}
