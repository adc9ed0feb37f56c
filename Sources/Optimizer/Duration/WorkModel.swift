import Glibc

/// CPU seconds of a step: a regression of their logarithm on the conditions and on the parallelism, for more processes
/// at once share caches worse.
enum WorkModel {
    /// Coefficients of `[1, cold, partial, release, main, log files, l, max(0, l)²]`; noise of ln W between equal runs.
    static let prior = CoefficientPrior(
        mean: [5.5, 1.2, 0.5, 0.3, 0.1, 0.12, 0.03, 0.01],
        standardDeviation: [1.5, 0.6, 0.4, 0.4, 0.3, 0.12, 0.10, 0.15], noise: 0.30)

    /// Parallelism that the coefficients refer to.
    private static let reference = 4.0
    /// Share of the jobs that are busy at once, at most.
    private static let busyShare = 0.9

    static func row(conditions: BuildConditions, jobs: Double, cores: Double) -> [Double] {
        var row: [Double] = []
        append(to: &row, conditions: conditions, jobs: jobs, cores: cores)
        return row
    }

    /// Appends the row.
    static func append(to values: inout [Double], conditions: BuildConditions, jobs: Double, cores: Double) {
        let (linear, square) = parallelismColumns(jobs: jobs, cores: cores)
        values.append(1)
        conditions.appendCovariates(to: &values)
        values.append(linear)
        values.append(square)
    }

    /// The last two columns of a row: `l = ln(min(cores, 0.9 jobs) / 4)` and `max(0, l)²`.
    static func parallelismColumns(jobs: Double, cores: Double) -> (linear: Double, square: Double) {
        let linear = log(min(cores, busyShare * jobs) / reference)
        return (linear, max(0, linear) * max(0, linear))
    }
}
