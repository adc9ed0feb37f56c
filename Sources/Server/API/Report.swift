import Builds
import Contract
import Storage

/// One thing a client reports of a build as it happens.
enum Report: Sendable {
    case start(Run)
    case step(BuildStepBody.Content)
    case complete(RunID, RunCompletion)

    /// Keeps it, and counts it when it is new.
    ///
    /// - Throws: `StoreError`.
    func keep(in store: any Store, _ metrics: ServerMetrics, tenant: TenantID) async throws -> WriteResult {
        let result: WriteResult
        switch self {
        case .start(let run): result = try await store.start(run, tenant: tenant)
        case .step(.start(let step)): result = try await store.start(step, tenant: tenant)
        case .step(.stop(let step, let stop)): result = try await store.stop(step, with: stop, tenant: tenant)
        case .step(.usage(let observation)): result = try await store.observe(observation, tenant: tenant)
        case .complete(let id, let completion): result = try await store.complete(id, with: completion, tenant: tenant)
        }
        if result == .written { count(metrics) }
        return result
    }

    private func count(_ metrics: ServerMetrics) {
        switch self {
        case .start(let run): metrics.runStarted(run)
        case .step(.start): metrics.stepStarted()
        case .step(.stop): metrics.stepStopped()
        case .step(.usage): metrics.stepObserved()
        case .complete(_, let completion): metrics.runCompleted(completion.status)
        }
    }
}

/// A whole run that already happened.
struct WholeRun: Sendable {
    var run: Run
    var steps: [Step]

    /// Keeps it, and counts it.
    ///
    /// - Returns: the store's own number of the run.
    /// - Throws: `StoreError`.
    func keep(in store: any Store, _ metrics: ServerMetrics, tenant: TenantID) async throws -> Int64 {
        let number = try await store.ingest(run, steps: steps, tenant: tenant)
        if let status = run.completion?.status { metrics.runCompleted(status) }
        return number
    }
}
