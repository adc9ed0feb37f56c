/// When a server trains, and which models it puts into force. A server trains beside its requests, so its models come a
/// few builds later.
struct TrainingRecord: Hashable, Sendable {
    /// Outcomes learned when a training was last tried.
    var triedAt = 0
    /// A new model may lose this much more than the one in force: the two were judged on different builds.
    private static let tolerance = 1.1

    /// A model that was not put into force must not be trained again with every build.
    func isDue(runs: Int) -> Bool { triedAt == 0 || runs >= triedAt + min(max(triedAt / 2, 1), 500) }

    /// - Parameters:
    ///   - metrics: of the new model.
    ///   - inForce: metrics of the model in force; `nil` for none.
    static func accepts(_ metrics: [String: Double], inForce: [String: Double]?) -> Bool {
        let loss = metrics[MemoryTreeModel.Metric.pinballLoss] ?? .infinity
        guard let inForce, let former = inForce[MemoryTreeModel.Metric.pinballLoss] else { return loss.isFinite }
        let runs = metrics[MemoryTreeModel.Metric.observedRuns] ?? 0
        // A model that knows less than a third of the builds was judged too long ago.
        if (inForce[MemoryTreeModel.Metric.observedRuns] ?? 0) * 3 < runs { return loss.isFinite }
        return loss <= former * tolerance
    }
}
