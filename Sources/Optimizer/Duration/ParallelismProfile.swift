/// Wall seconds of a step from its CPU seconds: how its work splits into parts that run on at most 1, 2, 4, … cores.
///
/// `T = s₀ θ₀ + Σ θᵢ W / min(kᵢ, p) + θ₇ W (p − 1) / 64` with `p = min(cores, u · jobs)`: a fixed time, shares of the
/// work by the width they can use, and what every further core costs in coherency. All θ are at least 0.
enum ParallelismProfile {
    /// Widths of the shares. A build rarely keeps more than 64 cores busy.
    private static let widths: [Double] = [1, 2, 4, 8, 16, 64]
    static let columns = widths.count + 2

    static let prior = CoefficientPrior(
        mean: [1, 0.08, 0.08, 0.10, 0.15, 0.25, 0.40, 0.02],
        standardDeviation: [1, 0.08, 0.08, 0.10, 0.15, 0.20, 0.30, 0.10], noise: 0.06)

    /// Deviation of the sum of the shares from 1. Tight, because the work is measured: a loose sum makes every step to
    /// more cores look worse than it is.
    static let shareSumDeviation = 0.03

    /// Cores one job keeps busy on average, and how likely each value is beforehand.
    static let jobUtilisations: [(cores: Double, probability: Double)] = [
        (0.45, 0.08), (0.6, 0.14), (0.75, 0.2), (0.9, 0.38), (1.1, 0.14), (1.4, 0.06),
    ]

    /// What a step is taken to need before anything is known.
    static let usualJobUtilisation = 0.9

    /// No build is predicted to take less, seconds.
    static let shortestSeconds = 5.0

    /// Unit of the fixed time, seconds: a tenth of the first known duration, at most 40.
    static func fixedUnitSeconds(firstDuration: Double) -> Double { min(40, 0.1 * firstDuration) }

    /// The row whose product with θ is the duration.
    static func row(parallelism: Double, workSeconds: Double, fixedUnitSeconds: Double) -> [Double] {
        var row: [Double] = []
        append(to: &row, parallelism: parallelism, workSeconds: workSeconds, fixedUnitSeconds: fixedUnitSeconds)
        return row
    }

    /// Appends the row, each value divided by `divisor`.
    static func append(
        to values: inout [Double], parallelism: Double, workSeconds: Double, fixedUnitSeconds: Double,
        divisor: Double = 1
    ) {
        values.append(fixedUnitSeconds / divisor)
        for width in widths { values.append(workSeconds / min(width, parallelism) / divisor) }
        values.append(workSeconds * (parallelism - 1) / 64 / divisor)
    }

    /// The row that says "the shares sum to 1".
    static var shareSumRow: [Double] { [0] + widths.map { _ in 1 } + [0] }
}
