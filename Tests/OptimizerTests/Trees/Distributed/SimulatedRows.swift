@testable import Optimizer

/// Runs as trees see them, with four features or more, drifting with time and with errors of different width, made from
/// a seed.
enum SimulatedRows {
    static func rows(_ count: Int, seed: UInt64, features: Int = 10) -> [TrainingRow] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { index in
            var values: [Double?] = (0..<features).map { _ in Double.random(in: -1...1, using: &generator) }
            let (x, y, z) = (values[0] ?? 0, values[1] ?? 0, values[2] ?? 0)
            let drift = 0.2 * Double(index) / Double(count)
            let noise = (0.1 + 0.2 * abs(z)) * StandardNormal.draw(using: &generator)
            if Double.random(in: 0..<1, using: &generator) < 0.2 { values[3] = nil }
            return TrainingRow(features: values, target: x + (y > 0.3 ? 0.5 : 0) + x * y + drift + noise)
        }
    }

    static func set(_ count: Int, seed: UInt64 = 5, features: Int = 10) -> TrainingSet {
        TrainingSet(rows: rows(count, seed: seed, features: features), observedRuns: count + 3)
    }

    /// Mean pinball loss of a model, GiB.
    static func loss(of model: MemoryTreeModel, on rows: [TrainingRow]) -> Double {
        var sums = HeldOutSums()
        for row in rows { sums.add(target: row.target, predicted: model.correctionGiB(features: row.features) ?? .nan) }
        return sums.pinball / Double(sums.rows)
    }
}
