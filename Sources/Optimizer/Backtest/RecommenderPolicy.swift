import Builds

/// Our own policy: the ``Recommender`` in this process, as a server would drive it. Exploration and the control arm are
/// off, so that every limit is the one it believes in.
public struct RecommenderPolicy: SizingPolicy {
    private var recommender: Recommender
    private let constraints: Constraints
    private let library: LightGBM?
    /// Never drawn from while exploration and the control arm are off.
    private var generator = SplitMix64(seed: 0)
    /// Outcomes learned when a training was last tried.
    private var triedTrainingAt = 0

    /// - Parameters:
    ///   - risk: accepted OOM risk per build.
    ///   - capGiB: the largest machine.
    ///   - library: trains and applies memory trees; `nil` for the closed form alone.
    public init(risk: Double, capGiB: Double, library: LightGBM?) {
        var configuration = OptimizerConfiguration()
        configuration.oomRisk = risk
        configuration.explorationRate = 0
        configuration.controlRate = 0
        configuration.memoryCapGiB = capGiB
        recommender = Recommender(configuration: configuration)
        var constraints = Constraints()
        constraints.oomRisk = risk
        self.constraints = constraints
        self.library = library
    }

    /// Name of the model in force.
    public var modelVersion: String { recommender.modelVersion }

    public mutating func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Ticket) {
        let request = OptimizationRequest(target: question.step, context: question.context, constraints: constraints)
        // Nothing in a replay depends on the time of day.
        let (recommendation, ticket) = recommender.recommend(
            request, id: "", now: Timestamp(microseconds: 0), using: &generator)
        return (recommendation.settings.memoryBytes.map(Units.gib(bytes:)) ?? 0, ticket)
    }

    /// Learns each attempt the way a client reports it: a killed one as an OOM kill at its limit, the last one with its
    /// peak. Then trains if that is due; at
    /// once, where a server trains beside its requests and has its models a few builds later.
    public mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Ticket) throws {
        for (index, attempt) in attempts.enumerated() {
            recommender.observe(outcome(of: build, attempt, number: index + 1), ticket: note)
        }
        try trainIfDue()
    }

    private func outcome(of build: RecordedBuild, _ attempt: SizedAttempt, number: Int) -> Outcome {
        var usage = Usage()
        usage.wallSeconds = build.result.wallSeconds
        usage.cpuSeconds = build.result.cpuSeconds
        // Nobody sees more than the limit.
        usage.peakMemoryBytes = Units.bytes(gib: min(build.result.peakGiB, attempt.limitGiB))
        usage.oomKills = attempt.wasKilled ? 1 : 0
        return Outcome(
            step: build.question.step, context: build.question.context,
            settings: Settings(jobs: build.question.jobs, memoryBytes: Units.bytes(gib: attempt.limitGiB)),
            usage: usage, status: attempt.wasKilled ? .oomKilled : .success, attempt: number,
            startedAt: Timestamp(microseconds: 0))
    }

    private mutating func trainIfDue() throws {
        let runs = recommender.observedCount
        guard let library, recommender.isTrainingDue,
            TrainingSchedule.isDueAgain(runs: runs, triedAt: triedTrainingAt)
        else { return }
        triedTrainingAt = runs
        let set = recommender.trainingSet()
        let model = try ModelTrainer.train(set, version: "memory-\(set.count)", library: library)
        if ModelAcceptance.accepts(loss: model.pinballLoss, rival: recommender.rival(on: set)) {
            recommender.install(model)
        }
    }
}
