import Builds

extension Recommender {
    /// Outcomes learned.
    public var observedCount: Int { history.observedCount }

    /// True when a new model should be trained: after 50 finished runs, then after half as many again or 500 more.
    public var isTrainingDue: Bool {
        TrainingSchedule.isDue(runs: history.memory.runCount, trainedRuns: trees?.observedRuns)
    }

    /// The rows to train on: the last 10,000 finished runs.
    public func trainingSet() -> TrainingSet {
        TrainingSet(rows: history.memory.rows.elements, observedRuns: history.memory.runCount)
    }

    /// The newest alerts, oldest first.
    public var alerts: [Alert] { history.alerts.elements }

    /// OOM kills seen of a step.
    public func oomKillCount(of step: StepIdentity) -> Int { history.steps[step]?.oom.killCount ?? 0 }
}
