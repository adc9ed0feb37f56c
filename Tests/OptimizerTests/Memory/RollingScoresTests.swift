import Testing

@testable import Optimizer

@Suite("Rolling scores")
struct RollingScoresTests {
    struct Row: Sendable {
        var scores: [Double]
        var risk: Double
        var upper: Double
    }

    static let twelve = (1...12).map { Double($0) / 10 }

    @Test(
        "The margin for a risk is the conformal quantile, or the fitted tail where that is out of reach",
        arguments: [
            Row(scores: twelve, risk: 0.5, upper: 0.7),
            Row(scores: twelve, risk: 0.1, upper: 1.128135),
            Row(scores: twelve, risk: 0.02, upper: 1.610966),
            Row(scores: [0.3, -0.2, 1.5], risk: 0.02, upper: 1.5),
            Row(scores: [0.3, -0.2, 1.5], risk: 0.5, upper: 0.3),
        ])
    func upper(_ row: Row) throws {
        var scores = RollingScores(capacity: 1000)
        for score in row.scores.shuffled() { scores.append(score) }
        #expect(agree(try #require(scores.upper(row.risk)), row.upper))
    }

    @Test("Without scores there is no margin")
    func empty() {
        #expect(RollingScores(capacity: 10).upper(0.1) == nil)
    }

    @Test("Only the newest scores count")
    func rolls() throws {
        var scores = RollingScores(capacity: 3)
        for score in [9.0, 9, 9, 1, 2, 3] { scores.append(score) }
        #expect(scores.count == 3)
        #expect(scores.upper(0.02) == 3)
    }

    @Test("Keeping more scores never forgets one")
    func grows() {
        var scores = RollingScores(capacity: 2)
        for score in [5.0, 6] { scores.append(score) }
        scores.grow(to: 3)
        scores.grow(to: 1)
        scores.append(7)
        #expect(scores.count == 3)
    }
}
