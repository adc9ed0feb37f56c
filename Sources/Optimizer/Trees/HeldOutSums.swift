/// What a model's metrics are computed from. Sums and not means, so that those of several workers add up.
struct HeldOutSums: Hashable, Sendable {
    var rows = 0
    /// GiB, as are the next two sums.
    var pinball = 0.0
    var absolute = 0.0
    var width = 0.0
    /// Rows whose peak lies at or below the predicted quantile.
    var covered = 0

    /// - Parameters:
    ///   - target: peak minus expectation, GiB.
    ///   - predicted: its quantile as the model sees it, GiB.
    mutating func add(target: Double, predicted: Double) {
        let missed = target - predicted
        rows += 1
        pinball += missed > 0 ? ModelTrainer.quantile * missed : (ModelTrainer.quantile - 1) * missed
        absolute += missed.magnitude
        covered += missed <= 0 ? 1 : 0
        width += predicted.magnitude
    }

    static func += (sum: inout HeldOutSums, other: HeldOutSums) {
        sum.rows += other.rows
        sum.pinball += other.pinball
        sum.absolute += other.absolute
        sum.width += other.width
        sum.covered += other.covered
    }

    /// Those of ``MemoryTreeModel/metrics`` that say how good a model is; `rows` must not be 0.
    var metrics: [String: Double] {
        let count = Double(rows)
        return [
            MemoryTreeModel.Metric.pinballLoss: pinball / count,
            MemoryTreeModel.Metric.meanAbsoluteError: absolute / count,
            MemoryTreeModel.Metric.coverage: Double(covered) / count,
            MemoryTreeModel.Metric.sharpness: width / count,
        ]
    }
}
