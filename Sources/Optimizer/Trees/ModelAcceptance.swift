/// Whether a newly trained model may replace the one in force. Both are judged by their pinball loss on the same runs, the
/// newest fifth: see ``ModelTrainer/evaluate(_:on:)``.
public enum ModelAcceptance {
    /// The model in force has been trained on some of those runs, and predicts runs it has seen better than new ones; on
    /// streams of 1,000 runs by about this much.
    public static let tolerance = 1.1

    /// - Parameters:
    ///   - loss: of the new model, GiB.
    ///   - rivalLoss: of the model in force on the same runs; `nil` when there is none, or it cannot predict them.
    public static func accepts(loss: Double, rivalLoss: Double?) -> Bool {
        guard let rivalLoss, rivalLoss.isFinite else { return loss.isFinite }
        return loss <= rivalLoss * tolerance
    }
}
