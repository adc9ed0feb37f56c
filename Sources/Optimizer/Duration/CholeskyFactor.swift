import Glibc

/// A symmetric matrix of a few rows, stored in full, row by row.
struct SymmetricMatrix: Hashable, Sendable {
    let size: Int
    private(set) var values: [Double]

    /// A matrix of zeros with `diagonal` on its diagonal.
    init(diagonal: [Double]) {
        size = diagonal.count
        values = Array(repeating: 0, count: size * size)
        for (index, value) in diagonal.enumerated() { values[index * size + index] = value }
    }

    subscript(row: Int, column: Int) -> Double { values[row * size + column] }

    /// Adds `weight · x xᵀ` for every row `x` of a matrix.
    mutating func addOuterProducts(of rows: DesignMatrix, weights: [Double]) {
        let size = size
        values.withUnsafeMutableBufferPointer { sums in
            rows.values.withUnsafeBufferPointer { x in
                for row in 0..<rows.rowCount {
                    let start = row * size
                    for i in 0..<size {
                        let scaled = weights[row] * x[start + i]
                        for k in 0...i { sums[i * size + k] += scaled * x[start + k] }
                    }
                }
            }
            for i in 0..<size {
                for k in 0..<i { sums[k * size + i] = sums[i * size + k] }
            }
        }
    }

    /// One row times a vector.
    func row(_ row: Int, times x: [Double]) -> Double {
        var sum = 0.0
        for column in 0..<size { sum += values[row * size + column] * x[column] }
        return sum
    }
}

/// The lower triangular `L` with `L Lᵀ = M` of a positive definite matrix: solves, determinants and normal draws without
/// ever inverting `M`. (Golub and Van Loan, *Matrix Computations*, §4.2.)
struct CholeskyFactor: Hashable, Sendable {
    let size: Int
    private let lower: [Double]

    /// `nil` when the matrix is not positive definite, which also covers NaN.
    init?(_ matrix: SymmetricMatrix) {
        size = matrix.size
        var lower = [Double](repeating: 0, count: size * size)
        for column in 0..<size {
            var pivot = matrix[column, column]
            for k in 0..<column { pivot -= lower[column * size + k] * lower[column * size + k] }
            guard pivot > 0, pivot.isFinite else { return nil }
            let root = pivot.squareRoot()
            lower[column * size + column] = root
            for row in column + 1..<max(size, column + 1) {
                var value = matrix[row, column]
                for k in 0..<column { value -= lower[row * size + k] * lower[column * size + k] }
                lower[row * size + column] = value / root
            }
        }
        self.lower = lower
    }

    /// `x` with `M x = b`.
    func solve(_ b: [Double]) -> [Double] { solveUpper(solveLower(b)) }

    /// `x` with `L x = b`.
    func solveLower(_ b: [Double]) -> [Double] {
        var x = b
        for row in 0..<size {
            for k in 0..<row { x[row] -= lower[row * size + k] * x[k] }
            x[row] /= lower[row * size + row]
        }
        return x
    }

    /// `x` with `Lᵀ x = b`. With standard normal `b`, `x` has covariance `M⁻¹`.
    func solveUpper(_ b: [Double]) -> [Double] {
        var x = b
        for row in (0..<size).reversed() {
            for k in row + 1..<max(size, row + 1) { x[row] -= lower[k * size + row] * x[k] }
            x[row] /= lower[row * size + row]
        }
        return x
    }

    /// `xᵀ M⁻¹ x`.
    func inverseQuadraticForm(_ x: [Double]) -> Double {
        solveLower(x).reduce(0) { $0 + $1 * $1 }
    }

    /// Natural logarithm of the determinant of `M`.
    var logDeterminant: Double {
        (0..<size).reduce(0) { $0 + 2 * log(lower[$1 * size + $1]) }
    }
}
