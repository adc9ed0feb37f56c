import Builds
import Storage

/// A tenant's learned models, for metrics.
struct ModelStatus: Sendable {
    /// Seconds since the model in force was trained; `nil` while the closed form decides alone.
    var ageSeconds: Double?
    /// Seconds since a model was trained last, in force or not.
    var trainingAgeSeconds: Double
    /// What was learned since then.
    var outcomesSinceTraining: Int64?
    /// Of the newest model, on the newest runs, which it was not trained on; bytes.
    var lossBytes: Double?
    /// Of what was in force before it, on the same runs.
    var rivalLossBytes: Double?
    /// Share of those runs whose peak was below the predicted quantile; nine in ten are meant.
    var coverage: Double?

    /// - Parameters:
    ///   - models: all of the tenant's.
    ///   - lessons: number of the newest lesson.
    /// - Returns: `nil` when none was ever trained.
    init?(_ models: [StoredModel], lessons: Int64, now: Timestamp) {
        guard let newest = models.max(by: { $0.createdAt < $1.createdAt }) else { return nil }
        ageSeconds = models.first(where: \.isActive).map { max(0, now.seconds(since: $0.createdAt)) }
        trainingAgeSeconds = max(0, now.seconds(since: newest.createdAt))
        outcomesSinceTraining = newest.metrics[ModelChoice.lessons].flatMap(Int64.init(exactly:)).map {
            max(0, lessons - $0)
        }
        let gib = Double(Units.bytes(gib: 1))
        lossBytes = newest.metrics["pinball_loss"].map { $0 * gib }
        rivalLossBytes = newest.metrics[ModelChoice.rivalLoss].map { $0 * gib }
        coverage = newest.metrics["coverage"]
    }
}
