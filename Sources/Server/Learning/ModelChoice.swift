import Storage

/// Decides whether a newly trained model goes into force.
///
/// Both are judged by their pinball loss, in GiB, on the same runs: the newest fifth. A new model may lose up to
/// ``tolerance`` more, for the one in force has been trained on some of those runs.
struct ModelChoice: Hashable, Sendable {
    static let pinballLoss = "pinball_loss"
    static let observedRuns = "observed_runs"
    /// Set to 1 on a model that won its comparison, to 0 on one that lost.
    static let accepted = "accepted"
    /// Runs a model has seen it predicts better than new ones; on streams of 1,000 runs by about this much.
    static let tolerance = 1.1
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
        guard active != nil, let activeLoss, activeLoss.isFinite else {
            isAccepted = loss.isFinite
            reason =
                active == nil
                ? "There is no model in force to compare with." : "The model in force cannot predict these runs."
            return
        }
        isAccepted = loss <= activeLoss * Self.tolerance
        reason =
            isAccepted
            ? "On the newest runs its loss is no larger than that of the model in force."
            : "On the newest runs its loss is larger than that of the model in force."
    }
}
