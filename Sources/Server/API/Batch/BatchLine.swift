import Builds
import Contract
import Storage

/// What one line of a batch asks for.
struct BatchLine: Sendable {
    /// From 1, blank lines included.
    var number: Int
    var write: Write

    enum Write: Sendable {
        case start(Run)
        case step(BuildStepBody.Content)
        case complete(RunID, RunCompletion)
        case run(Run, steps: [Step])
    }

    /// Lines of one run are carried out in their order; runs do not wait for each other.
    var runID: RunID {
        switch write {
        case .start(let run), .run(let run, _): run.id
        case .step(.start(let step)), .step(.stop(let step, _)): step.runID
        case .complete(let id, _): id
        }
    }

    /// - Throws: ``APIError`` and `InvalidBody`, as the endpoint of its own.
    init(_ bytes: [UInt8], number: Int, receivedAt now: Timestamp) throws {
        self.number = number
        write =
            switch try BatchLineBody.decoded(from: bytes) {
            case .start(let body): .start(try body.run(receivedAt: now))
            case .step(let body): .step(try body.content(receivedAt: now))
            case .complete(let body): try Self.completion(body)
            case .run(let body): try Self.wholeRun(body, now)
            }
    }

    private static func completion(_ body: BuildCompleteBody) throws -> Write {
        let (id, completion) = try body.content()
        return .complete(id, completion)
    }

    private static func wholeRun(_ body: WholeRunBody, _ now: Timestamp) throws -> Write {
        let (run, steps) = try body.content(receivedAt: now)
        return .run(run, steps: steps)
    }

    /// Carries it out; returns whether it changed anything, as far as the store says.
    ///
    /// - Throws: `StoreError`.
    func carryOut(_ store: any Store, _ metrics: ServerMetrics, tenant: TenantID) async throws -> WriteResult {
        switch write {
        case .start(let run):
            let result = try await store.start(run, tenant: tenant)
            if result == .written { metrics.runStarted() }
            return result
        case .step(.start(let step)):
            let result = try await store.start(step, tenant: tenant)
            if result == .written { metrics.stepStarted() }
            return result
        case .step(.stop(let step, let stop)):
            let result = try await store.stop(step, with: stop, tenant: tenant)
            if result == .written { metrics.stepStopped() }
            return result
        case .complete(let id, let completion):
            let result = try await store.complete(id, with: completion, tenant: tenant)
            if result == .written { metrics.runCompleted(completion.status) }
            return result
        case .run(let run, let steps):
            _ = try await store.ingest(run, steps: steps, tenant: tenant)
            if let status = run.completion?.status { metrics.runCompleted(status) }
            return .written
        }
    }
}

extension LineProblem {
    /// The words of the endpoint of its own for what is wrong with a line; `nil` when it is not the line that is wrong.
    init?(_ line: Int, _ error: any Error) {
        guard let problem = APIError(translating: error)?.problem, (400..<500).contains(problem.status) else {
            return nil
        }
        self.init(line: line, status: problem.status, detail: problem.detail, errors: problem.errors)
    }
}
