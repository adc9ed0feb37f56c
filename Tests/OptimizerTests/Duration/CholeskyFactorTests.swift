import Testing

@testable import Optimizer

@Suite("Linear algebra")
struct CholeskyFactorTests {
    /// `[[4, 2], [2, 3]]`.
    static var matrix: SymmetricMatrix {
        var matrix = SymmetricMatrix(diagonal: [3, 2])
        var rows = DesignMatrix(columns: 2)
        rows.append([1, 2])
        rows.append([0, 1])
        matrix.addOuterProducts(of: rows, weights: [1, -3])  // 2 + 4 - 3 = 3
        return matrix
    }

    @Test("It solves, and knows determinant and inverse form")
    func solves() throws {
        let factor = try #require(CholeskyFactor(Self.matrix))
        #expect(agree(factor.solve([8, 7]), [1.25, 1.5], within: 1e-12))
        #expect(agree(factor.logDeterminant, 2.0794415416798357, within: 1e-12))  // ln 8
        #expect(agree(factor.inverseQuadraticForm([1, 0]), 3.0 / 8, within: 1e-12))
        #expect(agree(Self.matrix.row(1, times: [1, 2]), 8, within: 1e-12))
    }

    @Test(
        "What is not positive definite has no factor",
        arguments: [[1.0, -1], [0, 1], [1, .nan], [1, .infinity]])
    func refuses(_ diagonal: [Double]) {
        #expect(CholeskyFactor(SymmetricMatrix(diagonal: diagonal)) == nil)
    }

    @Test("Draws from a posterior have its mean and spread")
    func draws() {
        let prior = CoefficientPrior(mean: [1, -2], standardDeviation: [0.5, 2], noise: 1)
        let fit = BayesianRegression(prior: prior, rows: DesignMatrix(columns: 2), responses: [], weights: [])
        var generator = SplitMix64(seed: 3)
        let draws = (0..<4000).map { _ in fit.draw(using: &generator) }
        let mean = draws.reduce(0) { $0 + $1[1] } / 4000
        let variance = draws.reduce(0) { $0 + ($1[1] - mean) * ($1[1] - mean) } / 4000
        #expect((mean + 2).magnitude < 0.15)
        #expect((variance / (4 * fit.variance) - 1).magnitude < 0.1)
    }

    @Test("Projection leaves coefficients of at least zero and keeps those that were")
    func projection() {
        let prior = CoefficientPrior(mean: [0, 0], standardDeviation: [10, 10], noise: 0.1)
        var rows = DesignMatrix(columns: 2)
        for row in [[1.0, 0.5], [1, 1], [1, 2]] { rows.append(row) }
        var fit = BayesianRegression(prior: prior, rows: rows, responses: [3, 2, 0], weights: [1, 1, 1])
        #expect(fit.coefficients[1] < 0)
        fit.projectOnNonNegative()
        #expect(fit.coefficients[1] == 0 && fit.coefficients[0] > 0)
        let projected = fit
        fit.projectOnNonNegative()
        #expect(fit == projected)
    }

    @Test("Rows no solver can handle leave the prior as it was")
    func unsolvable() {
        let prior = CoefficientPrior(mean: [1, 2], standardDeviation: [1, 1], noise: 1)
        var rows = DesignMatrix(columns: 2)
        rows.append([.infinity, 1])
        let fit = BayesianRegression(prior: prior, rows: rows, responses: [1], weights: [1])
        #expect(fit.coefficients == prior.mean)
    }
}
