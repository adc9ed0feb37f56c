/// Trains the memory trees. Takes a few tenths of a second for 10,000 rows; call it off the request path.
public enum ModelTrainer {
    /// Quantile the trees predict. Not the final limit: calibration comes after.
    static let quantile = 0.9
    static let rounds = 100
    /// Share of the newest rows that judge a model trained on the others.
    private static let heldOutShare = 0.2
    /// Below this, five rows to a leaf leave nothing to split.
    static let fewestRows = 20

    /// Trains on all rows, after judging the same recipe on the newest fifth.
    ///
    /// - Throws: ``LightGBMError``; `unsuitable` for fewer than 20 rows.
    public static func train(_ set: TrainingSet, version: String, library: LightGBM) throws -> MemoryTreeModel {
        guard set.rows.count >= fewestRows else {
            throw LightGBMError.unsuitable(message: "\(set.rows.count) runs are too few, \(fewestRows) are needed")
        }
        var metrics = try heldOutMetrics(set.rows, library: library)
        metrics[MemoryTreeModel.Metric.rows] = Double(set.rows.count)
        metrics[MemoryTreeModel.Metric.observedRuns] = Double(set.observedRuns)
        return try MemoryTreeModel(
            version: version, metrics: metrics, booster: booster(set.rows[...], library: library))
    }

    private static func booster(_ rows: ArraySlice<TrainingRow>, library: LightGBM) throws -> Booster {
        try Booster(rows: rows, parameters: parameters(rows: rows.count), rounds: rounds, library: library)
    }

    /// Small, shallow, one thread and a fixed seed: the same rows give the same trees everywhere.
    ///
    /// - Parameters:
    ///   - rows: of all workers.
    ///   - workers: processes that train together. A leaf then is the mean of what each finds in its own rows, and a
    ///     quantile of few rows is a bad one; so each gets as many as one alone would, on average. Without this, the
    ///     held-out loss of three workers on the reference's stream was 0.286 GiB, with it 0.200; alone it is 0.212.
    static func parameters(rows: Int, workers: Int = 1) -> String {
        [
            "objective=quantile", "alpha=\(quantile)", "learning_rate=0.05", "num_leaves=15",
            "min_data_in_leaf=\(workers * min(20, max(5, rows / 20)))", "feature_fraction=0.7", "bagging_fraction=0.8",
            "bagging_freq=1", "lambda_l2=1", "max_bin=63", "deterministic=true", "force_row_wise=true", "seed=7",
            "num_threads=1", "verbosity=-1",
        ].joined(separator: " ")
    }

    /// Judges a model on the same newest fifth of `set` that ``train(_:version:library:)`` judges a new one on.
    ///
    /// A model trained lately has seen some of those runs, which flatters it: a new one that is no worse all the same is
    /// no worse.
    ///
    /// - Returns: the metrics of ``MemoryTreeModel/metrics`` but the counts; `nil` when the set has no rows or the model
    ///   does not fit them.
    public static func evaluate(_ model: MemoryTreeModel, on set: TrainingSet) -> [String: Double]? {
        set.rows.isEmpty ? nil : metrics(heldOut(set.rows)) { model.correctionGiB(features: $0) }
    }

    /// Judges the closed form on the same runs, as if it were a model: what a first model must not be worse than.
    ///
    /// - Returns: as of ``evaluate(_:on:)``.
    public static func evaluateClosedForm(on set: TrainingSet) -> [String: Double]? {
        guard !set.rows.isEmpty else { return nil }
        // Its 90 % quantile lies a fixed number of typical errors above the expectation; the spread is the last feature.
        return metrics(heldOut(set.rows)) { features in
            features.last.flatMap { $0 }.map { MemoryModel.baseErrors * $0 }
        }
    }

    private static func heldOutMetrics(_ rows: [TrainingRow], library: LightGBM) throws -> [String: Double] {
        let judged = try booster(rows.dropLast(heldOut(rows).count), library: library)
        guard let metrics = metrics(heldOut(rows), predicting: judged.prediction) else {
            throw LightGBMError.failed(message: "a held-out row could not be predicted")
        }
        return metrics
    }

    private static func heldOut(_ rows: [TrainingRow]) -> ArraySlice<TrainingRow> {
        rows.suffix(heldOutCount(of: rows.count))
    }

    /// How many of so many rows, the newest, judge a model trained on the others.
    static func heldOutCount(of rows: Int) -> Int { max(1, Int(heldOutShare * Double(rows))) }

    private static func metrics(
        _ rows: ArraySlice<TrainingRow>, predicting predict: ([Double?]) -> Double?
    ) -> [String: Double]? {
        var sums = HeldOutSums()
        for row in rows {
            guard let predicted = predict(row.features) else { return nil }
            sums.add(target: row.target, predicted: predicted)
        }
        return sums.metrics
    }
}
