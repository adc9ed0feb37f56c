import Optimizer
import Storage

/// Decides whether a newly trained model goes into force.
///
/// By `ModelAcceptance`, unless somebody has gone back by hand.
struct ModelChoice: Hashable, Sendable {
    static let pinballLoss = "pinball_loss"
    static let observedRuns = "observed_runs"
    /// Set to 1 on a model that won its comparison, to 0 on one that lost.
    static let accepted = "accepted"
    /// Pinball loss of the model in force on the runs the new one was judged on, kept with the new one's metrics.
    static let rivalLoss = "rival_pinball_loss"

    /// The new model won the comparison.
    var isAccepted: Bool
    /// Somebody went back by hand, to an older model or to none: new models wait until somebody activates one.
    var isHeld: Bool
    /// One sentence.
    var reason: String

    var activates: Bool { isAccepted && !isHeld }

    /// - Parameters:
    ///   - metrics: of the new model.
    ///   - activeLoss: pinball loss of the model in force on the same runs; `nil` when it cannot be judged on them.
    ///   - stored: all models kept, in any order.
    init(metrics: [String: Double], activeLoss: Double?, stored: [StoredModel]) {
        let active = stored.first(where: \.isActive)
        isHeld = stored.contains { model in
            model.metrics[Self.accepted] == 1 && !model.isActive
                && active.map { model.createdAt > $0.createdAt } ?? true
        }
        let loss = metrics[Self.pinballLoss] ?? .infinity
        let rivalLoss = active == nil ? nil : activeLoss.flatMap { $0.isFinite ? $0 : nil }
        isAccepted = ModelAcceptance.accepts(loss: loss, rivalLoss: rivalLoss)
        guard rivalLoss != nil else {
            reason =
                active == nil
                ? "There is no model in force to compare with." : "The model in force cannot predict these runs."
            return
        }
        reason =
            isAccepted
            ? "On the newest runs its loss is no larger than that of the model in force."
            : "On the newest runs its loss is larger than that of the model in force."
    }
}
