import Builds
import Optimizer
import Storage

/// Replays a pipeline's own builds under our policy and its rivals, one pipeline at a time, and remembers what came of it
/// until that pipeline runs again.
actor Backtests {
    struct Result: Sendable {
        var report: BacktestReport
        var leftOut: [UnrecordedOutcome: Int]
        /// Attempts that were looked at, and whether there are more.
        var attempts: Int
        var isCut: Bool
    }

    private struct Key: Hashable {
        var tenant: TenantID
        var pipeline: String
        /// Runs learned of it: what other pipelines do changes nothing here.
        var runs: Int64
    }

    /// Attempts replayed, the first of the pipeline: about two seconds of one core.
    static let mostAttempts = 400
    /// Results remembered; a few kilobytes each.
    private static let capacity = 64

    private let store: any Store
    private let configuration: OptimizerConfiguration
    private var results: [Key: Task<Result, any Error>] = [:]
    private var order: [Key] = []
    private var newest: Task<Result, any Error>?

    init(store: any Store, configuration: OptimizerConfiguration) {
        self.store = store
        self.configuration = configuration
    }

    /// The result, worked out now unless it is known; a second caller waits for the same work.
    func result(of pipeline: StoredPipeline, tenant: TenantID) -> Task<Result, any Error> {
        let key = Key(tenant: tenant, pipeline: pipeline.name, runs: pipeline.runs)
        if let known = results[key] { return known }
        if order.count >= Self.capacity { results[order.removeFirst()] = nil }
        let (store, configuration, before) = (store, configuration, newest)
        let task = Task {
            // One after the other: requests of builds must not wait for all cores.
            _ = await before?.result
            do {
                let lessons = try await store.lessons(
                    of: key.pipeline, after: 0, limit: Self.mostAttempts + 1, tenant: tenant)
                return try await Self.replay(
                    lessons.prefix(Self.mostAttempts).map(\.lesson.outcome), configuration,
                    isCut: lessons.count > Self.mostAttempts)
            } catch {
                forget(key)
                throw error
            }
        }
        results[key] = task
        order.append(key)
        newest = task
        return task
    }

    /// A failure is not remembered: the next who asks has it tried again.
    private func forget(_ key: Key) {
        results[key] = nil
        order.removeAll { $0 == key }
    }

    /// Not on the actor, and not on a thread that requests need for long.
    @concurrent
    private static func replay(
        _ outcomes: [Outcome], _ configuration: OptimizerConfiguration, isCut: Bool
    ) async throws -> Result {
        var leftOut: [UnrecordedOutcome: Int] = [:]
        let history = RecordedHistory(outcomes, memoryCapGiB: configuration.memoryCapGiB, leftOut: &leftOut)
        var runs: [PolicyRun] = []
        for policy in [BacktestPolicy.recommender(risk: configuration.oomRisk)] + BacktestPolicy.rivals {
            runs.append(try history.replay(policy, delay: 0, library: nil) { _ in try Task.checkCancellation() })
            await Task.yield()
        }
        return Result(
            report: BacktestReport(history, runs: runs, configuration: configuration, seed: 1), leftOut: leftOut,
            attempts: outcomes.count, isCut: isCut)
    }
}
