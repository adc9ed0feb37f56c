import Glibc

/// What is believed about a regression before any run of its own: independent normal coefficients, and a noise level.
struct CoefficientPrior: Hashable, Codable, Sendable {
    var mean: [Double]
    var standardDeviation: [Double]
    var noise: Double
}

/// Rows of a regression, stored one after the other.
struct DesignMatrix: Hashable, Sendable {
    let columns: Int
    private(set) var values: [Double] = []
    private(set) var rowCount = 0

    /// - Parameter rows: how many to make room for.
    init(columns: Int, rows: Int = 0) {
        self.columns = columns
        values.reserveCapacity(columns * rows)
    }

    mutating func append(_ row: [Double]) { append { $0 += row } }

    /// Appends a row without an array of its own.
    ///
    /// - Parameter write: appends as many values as there are columns.
    mutating func append(_ write: (inout [Double]) -> Void) {
        write(&values)
        rowCount += 1
    }

    /// Every row times `coefficients`.
    func times(_ coefficients: [Double]) -> [Double] {
        values.withUnsafeBufferPointer { values in
            coefficients.withUnsafeBufferPointer { coefficients in
                (0..<rowCount).map { row in
                    var sum = 0.0
                    for column in 0..<columns { sum += values[row * columns + column] * coefficients[column] }
                    return sum
                }
            }
        }
    }
}

/// The posterior of a conjugate weighted linear regression: normal coefficients, inverse-gamma noise.
///
/// (Bishop, *Pattern Recognition and Machine Learning*, §3.3; Gelman et al., *Bayesian Data Analysis*, §14.)
struct BayesianRegression: Hashable, Sendable {
    /// Shape of the prior on the noise: a guess worth a few rows.
    private static let noiseShape = 3.0

    private(set) var coefficients: [Double]
    /// Noise variance, *s²*.
    let variance: Double
    /// Negative logarithm of the evidence, up to a constant: compares models of the same data.
    let negativeLogEvidence: Double
    private let precision: SymmetricMatrix
    private let factor: CholeskyFactor?

    /// Fits `responses ≈ rows · coefficients`, each row with its weight.
    ///
    /// Rows so extreme that the equations cannot be solved leave the prior as it was.
    init(prior: CoefficientPrior, rows: DesignMatrix, responses: [Double], weights: [Double]) {
        let priorPrecision = zip(prior.standardDeviation, prior.mean).map { deviation, _ in
            (prior.noise / deviation) * (prior.noise / deviation)
        }
        var precision = SymmetricMatrix(diagonal: priorPrecision)
        precision.addOuterProducts(of: rows, weights: weights)
        var moments = zip(priorPrecision, prior.mean).map(*)
        rows.addMoments(responses: responses, weights: weights, to: &moments)
        self.precision = precision
        factor = CholeskyFactor(precision)
        let solved = factor?.solve(moments) ?? prior.mean
        coefficients = solved.allSatisfy(\.isFinite) ? solved : prior.mean
        var squares = 0.0
        for (row, fitted) in rows.times(coefficients).enumerated() {
            let residual = responses[row] - fitted
            squares += weights[row] * residual * residual
        }
        var shift = 0.0
        for (index, coefficient) in coefficients.enumerated() {
            shift += priorPrecision[index] * (coefficient - prior.mean[index]) * (coefficient - prior.mean[index])
        }
        let count = weights.reduce(0, +)
        let shape = Self.noiseShape + count / 2
        // The distance from the prior counts fully from five rows on; before, it says more about the prior than the noise.
        let scale =
            prior.noise * prior.noise * (Self.noiseShape - 1) + 0.5 * (squares + shift * min(1, count / 5))
        variance = scale / (shape - 1)
        negativeLogEvidence = shape * log(scale) + 0.5 * (factor?.logDeterminant ?? 0)
    }

    /// Moves the mode to coefficients of at least zero: coordinate descent on the quadratic form of the posterior.
    mutating func projectOnNonNegative() {
        guard coefficients.contains(where: { $0 < 0 }) else { return }
        let target = coefficients.indices.map { precision.row($0, times: coefficients) }
        var projected = coefficients.map { max(0, $0) }
        for _ in 0..<25 {  // converges long before, for eight coefficients
            for index in projected.indices {
                let gradient = target[index] - precision.row(index, times: projected)
                projected[index] = max(0, projected[index] + gradient / precision[index, index])
            }
        }
        coefficients = projected
    }

    /// The expected response at `row`.
    func response(at row: [Double]) -> Double {
        zip(row, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// Standard deviation of a new response at `row`: noise and what is not known of the coefficients.
    func predictiveDeviation(at row: [Double]) -> Double {
        (variance * (1 + (factor?.inverseQuadraticForm(row) ?? 0))).squareRoot()
    }

    /// Coefficients drawn from the posterior.
    func draw(using generator: inout some RandomNumberGenerator) -> [Double] {
        guard let factor else { return coefficients }
        let direction = factor.solveUpper((0..<factor.size).map { _ in StandardNormal.draw(using: &generator) })
        let deviation = variance.squareRoot()
        return zip(coefficients, direction).map { $0 + deviation * $1 }
    }
}

extension DesignMatrix {
    /// Adds the sum over the rows of weight × response × row.
    fileprivate func addMoments(responses: [Double], weights: [Double], to moments: inout [Double]) {
        values.withUnsafeBufferPointer { values in
            moments.withUnsafeMutableBufferPointer { moments in
                for row in 0..<rowCount {
                    let scaled = weights[row] * responses[row]
                    for column in 0..<columns { moments[column] += scaled * values[row * columns + column] }
                }
            }
        }
    }
}

/// Weights of Huber's M-estimator.
enum Huber {
    /// Residuals beyond this many standard deviations lose weight.
    private static let threshold = 3.0

    static func weight(residual: Double, variance: Double) -> Double {
        let z = residual.magnitude / variance.squareRoot()
        return z > Self.threshold ? Self.threshold / z : 1
    }
}

/// The standard normal distribution.
enum StandardNormal {
    /// 90 % quantile.
    static let quantile90 = 1.2815515655446004

    /// A draw by the method of Box and Muller.
    static func draw(using generator: inout some RandomNumberGenerator) -> Double {
        let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
        return radius * cos(2 * .pi * generator.nextUnit())
    }
}

extension RandomNumberGenerator {
    /// A number from 0 up to 1, the same that `Double.random(in: 0..<1)` makes of this generator. A decision draws a
    /// thousand of them, and the library's generic way took longer than all else together.
    mutating func nextUnit() -> Double { Double(next() & ((1 << 53) - 1)) * 0x1p-53 }
}
