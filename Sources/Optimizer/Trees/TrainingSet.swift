/// One run as the trees see it.
struct TrainingRow: Hashable, Codable, Sendable {
    /// `nil` where the key was unknown; see ``MemoryPrediction/features``.
    var features: [Double?]
    /// Peak minus expectation, GiB.
    var target: Double
}

/// The rows a model is trained on, oldest first: a value that can be handed to a background thread.
public struct TrainingSet: Hashable, Codable, Sendable {
    var rows: [TrainingRow]
    /// Runs learned when the set was taken; decides when the next training is due.
    var observedRuns: Int

    /// Number of rows.
    public var count: Int { rows.count }
}

/// When a new model pays: after 50 runs, then after half as many again or 500 more, whichever is sooner.
public enum TrainingSchedule {
    static let firstTraining = 50

    /// - Parameter trainedRuns: runs learned when the model in force was trained; `nil` for none.
    static func isDue(runs: Int, trainedRuns: Int?) -> Bool {
        guard let trainedRuns else { return runs >= firstTraining }
        return runs >= max(firstTraining, min(trainedRuns + trainedRuns / 2, trainedRuns + 500))
    }

    /// Whether to try again after a model that did not go into force: half as many runs again, or 500 more. Otherwise one
    /// would be trained with every run.
    ///
    /// - Parameters:
    ///   - runs: outcomes learned now.
    ///   - triedAt: outcomes learned when a training was last tried; 0 for never.
    public static func isDueAgain(runs: Int, triedAt: Int) -> Bool {
        triedAt == 0 || runs >= triedAt + min(max(triedAt / 2, 1), 500)
    }
}
