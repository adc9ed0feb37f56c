import Builds
import Contract
import Storage

/// What one line of a batch asks for.
struct BatchLine: Sendable {
    /// From 1, blank lines included.
    var number: Int
    var content: Content

    enum Content: Sendable {
        case report(Report)
        case whole(WholeRun)
    }

    /// Lines of one run are carried out in their order; runs do not wait for each other.
    var runID: RunID {
        switch content {
        case .report(.start(let run)): run.id
        case .report(.step(.start(let step))), .report(.step(.stop(let step, _))): step.runID
        case .report(.complete(let id, _)): id
        case .whole(let whole): whole.run.id
        }
    }

    /// Whether there is something to learn from afterwards.
    var isCompletion: Bool {
        switch content {
        case .report(.complete), .whole: true
        case .report: false
        }
    }

    /// - Throws: ``APIError`` and `InvalidBody`, as the endpoint of its own.
    init(_ bytes: [UInt8], number: Int, receivedAt now: Timestamp) throws {
        self.number = number
        switch try BatchLineBody.decoded(from: bytes) {
        case .start(let body): content = .report(.start(try body.run(receivedAt: now)))
        case .step(let body): content = .report(.step(try body.content(receivedAt: now)))
        case .complete(let body):
            let (id, completion) = try body.content()
            content = .report(.complete(id, completion))
        case .run(let body):
            let (run, steps) = try body.content(receivedAt: now)
            content = .whole(WholeRun(run: run, steps: steps))
        }
    }

    /// Carries it out; returns whether it changed anything, as far as the store says.
    ///
    /// - Throws: `StoreError`.
    func carryOut(_ store: any Store, _ metrics: ServerMetrics, tenant: TenantID) async throws -> WriteResult {
        switch content {
        case .report(let report): return try await report.keep(in: store, metrics, tenant: tenant)
        case .whole(let whole):
            _ = try await whole.keep(in: store, metrics, tenant: tenant)
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
