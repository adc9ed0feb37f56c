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

    /// What a model trained on `set` has to be no worse than: what is in force here.
    public func rival(on set: TrainingSet) -> ModelAcceptance.Rival {
        let loss = MemoryTreeModel.Metric.pinballLoss
        guard let trees else { return .closedForm(loss: ModelTrainer.evaluateClosedForm(on: set)?[loss]) }
        return .model(loss: ModelTrainer.evaluate(trees, on: set)?[loss])
    }

    /// The newest alerts, oldest first.
    public var alerts: [Alert] { history.alerts.elements }

    /// Alerts ever raised: what it has grown by since a moment ago is how many of ``alerts`` are new.
    public var alertCount: Int { history.alertCount }

    /// OOM kills seen of a step.
    public func oomKillCount(of step: StepIdentity) -> Int { history.steps[step]?.oom.killCount ?? 0 }
}
