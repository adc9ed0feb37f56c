import Glibc

/// How a step's peak memory changes with its jobs and conditions: a regression of the peak's logarithm. Everything but
/// its intercept makes up the configuration factor *h*, by which peaks are normalised.
enum MemorySlopes {
    /// Coefficients of `[1, ln(jobs / 4), cold, partial, release, main, log files]`; noise of ln M between equal runs.
    static let prior = CoefficientPrior(
        mean: [1.3, 0.45, 0.25, 0.12, 0.2, 0.05, 0.05],
        standardDeviation: [1.2, 0.25, 0.25, 0.15, 0.2, 0.15, 0.05], noise: 0.12)

    /// Jobs at which the factor is 1, other things being usual.
    static let referenceJobs = 4.0
    /// Passes that move the fit from the mean to an upper expectile, and the weight of peaks below it: expectile 0.9.
    static let expectilePasses = 4
    static let lowerWeight = 1.0 / 9

    /// A factor outside of this range is a fit gone wrong, not a build.
    private static let plausibleFactors = 1.0 / 64...64.0

    static func row(conditions: BuildConditions, jobs: Double) -> [Double] {
        var row: [Double] = []
        append(to: &row, conditions: conditions, jobs: jobs)
        return row
    }

    /// Appends the row.
    static func append(to values: inout [Double], conditions: BuildConditions, jobs: Double) {
        values.append(1)
        values.append(log(jobs / referenceJobs))
        conditions.appendCovariates(to: &values)
    }

    /// The configuration factor *h*.
    static func factor(coefficients: [Double], conditions: BuildConditions, jobs: Double) -> Double {
        let row = row(conditions: conditions, jobs: jobs)
        var exponent = 0.0
        for index in 1..<row.count { exponent += row[index] * coefficients[index] }
        return exp(exponent).clamped(to: plausibleFactors)
    }
}
