import Optimizer
import Storage

/// Decides whether a newly trained model goes into force.
///
/// By `ModelAcceptance`, unless somebody has gone back by hand.
struct ModelChoice: Hashable, Sendable {
    static let observedRuns = "observed_runs"
    /// Number of the newest lesson when the model was trained.
    static let lessons = "lessons"
    /// Set to 1 on a model that won its comparison, to 0 on one that lost.
    static let accepted = "accepted"
    /// Pinball loss of what was in force, on the runs the new one was judged on, kept with the new one's metrics.
    static let rivalLoss = "rival_pinball_loss"

    /// The new model won the comparison.
    var isAccepted: Bool
    /// Somebody went back by hand, to an older model or to none: new models wait until somebody activates one.
    var isHeld: Bool
    /// One sentence.
    var reason: String

    var activates: Bool { isAccepted && !isHeld }

    /// - Parameters:
    ///   - loss: pinball loss of the new model.
    ///   - rival: what is in force, judged on the same runs.
    ///   - stored: all models kept, in any order.
    init(loss: Double, rival: ModelAcceptance.Rival, stored: [StoredModel]) {
        let active = stored.first(where: \.isActive)
        isHeld = stored.contains { model in
            model.metrics[Self.accepted] == 1 && !model.isActive
                && active.map { model.createdAt > $0.createdAt } ?? true
        }
        isAccepted = ModelAcceptance.accepts(loss: loss, rival: rival)
        let comparison = isAccepted ? "no larger" : "larger"
        reason =
            switch rival {
            case .closedForm: "On the newest runs its loss is \(comparison) than that of the closed form."
            case .model(loss: .some): "On the newest runs its loss is \(comparison) than that of the model in force."
            case .model(loss: nil): "The model in force cannot predict these runs."
            }
    }
}
