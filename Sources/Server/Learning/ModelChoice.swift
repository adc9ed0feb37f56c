import Storage

/// Decides whether a newly trained model goes into force.
///
/// Both models were judged by their pinball loss on the newest fifth of the runs known when they were trained, in GiB.
/// A new model may lose up to ``tolerance`` more, for the two fifths differ. A model trained on less than a third of
/// the runs known now is replaced in any case: what it was judged on is too old to compare with.
struct ModelChoice: Hashable, Sendable {
    static let pinballLoss = "pinball_loss"
    static let observedRuns = "observed_runs"
    /// Set to 1 on a model that won its comparison, to 0 on one that lost.
    static let accepted = "accepted"
    /// Two fifths of the same stream of 1,000 runs differ by about this much.
    static let tolerance = 1.1

    /// The new model won the comparison.
    var isAccepted: Bool
    /// Somebody went back by hand, to an older model or to none: new models wait until somebody activates one.
    var isHeld: Bool
    /// One sentence.
    var reason: String

    var activates: Bool { isAccepted && !isHeld }

    /// - Parameters:
    ///   - metrics: of the new model.
    ///   - stored: all models kept, in any order.
    init(metrics: [String: Double], stored: [StoredModel]) {
        let active = stored.first(where: \.isActive)
        isHeld = stored.contains { model in
            model.metrics[Self.accepted] == 1 && !model.isActive
                && active.map { model.createdAt > $0.createdAt } ?? true
        }
        let loss = metrics[Self.pinballLoss] ?? .infinity
        guard let active, let activeLoss = active.metrics[Self.pinballLoss] else {
            isAccepted = loss.isFinite
            reason = "There is no model in force to compare with."
            return
        }
        let runs = metrics[Self.observedRuns] ?? 0
        if (active.metrics[Self.observedRuns] ?? 0) * 3 < runs {
            isAccepted = loss.isFinite
            reason = "The model in force knows less than a third of the runs."
        } else {
            isAccepted = loss <= activeLoss * Self.tolerance
            reason =
                isAccepted
                ? "Its loss is no larger than that of the model in force."
                : "Its loss is larger than that of the model in force."
        }
    }
}
