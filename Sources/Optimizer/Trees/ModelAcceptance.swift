/// Whether a newly trained model may go into force. It and what it would replace are judged by their pinball loss on the
/// same runs, the newest fifth.
public enum ModelAcceptance {
    /// What is in force now.
    public enum Rival: Sendable {
        /// Nothing learned; see ``ModelTrainer/evaluateClosedForm(on:)``.
        case closedForm(loss: Double?)
        /// A model; see ``ModelTrainer/evaluate(_:on:)``. Without a loss it cannot predict these runs.
        case model(loss: Double?)

        /// GiB.
        public var loss: Double? {
            switch self {
            case .closedForm(let loss), .model(let loss): loss
            }
        }
    }

    /// A model in force has been trained on some of those runs, and predicts runs it has seen better than new ones; on
    /// streams of 1,000 runs by about this much. The closed form has been trained on nothing.
    static let tolerance = 1.1

    /// - Parameter loss: of the new model, GiB.
    public static func accepts(loss: Double, rival: Rival) -> Bool {
        guard loss.isFinite else { return false }
        let bound: Double? =
            switch rival {
            case .closedForm(let loss): loss
            case .model(let loss): loss.map { $0 * tolerance }
            }
        guard let bound, bound.isFinite else { return true }
        return loss <= bound
    }
}
