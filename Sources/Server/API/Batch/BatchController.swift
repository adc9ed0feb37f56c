import Builds
import Contract
import Hummingbird
import NIOCore
import Storage
import Synchronization

/// `/batch`: many reports at once, for spools and importers.
///
/// A bad line is counted and the rest go on. When the store fails, the answer is 503: what was written stays, and the same
/// batch again does the rest.
struct BatchController: Sendable {
    /// Runs that are reported at the same time: their writes share transactions.
    private static let runsAtOnce = 64
    /// Lines that are held in memory as what they say, which takes several times their bytes.
    private static let linesAtOnce = 1000
    /// Bytes that a packed body may become for each it may have. Builds that repeat themselves pack to about a twentieth.
    private static let unpackedShare = 32

    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock
    let limits: RequestLimits

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/batch", use: take)
    }

    @Sendable private func take(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let bytes = try unpacked(
            Array(try await request.body.collect(upTo: .max).readableBytesView), request.headers[.contentEncoding])
        let now = clock.now()
        let outcome = Outcome()
        var lines = LinesOfText(bytes)
        while lines.isMore {
            try Task.checkCancellation()
            let runs = read(&lines, now, outcome)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (place, lines) in runs.enumerated() {
                    if place >= Self.runsAtOnce { try await group.next() }
                    group.addTask { try await carryOut(lines, outcome, context.tenant) }
                }
                try await group.waitForAll()
            }
            // Others use this thread, too.
            await Task.yield()
        }
        if outcome.hasCompletedRuns { await learner.runCompleted(tenant: context.tenant) }
        return try .json(outcome.answer)
    }

    private func unpacked(_ bytes: [UInt8], _ encoding: String?) throws -> [UInt8] {
        switch encoding?.lowercased() {
        case nil, "identity": return bytes
        case "gzip", "x-gzip":
            do {
                return try GzipReader.unpack(
                    bytes, limits: GzipLimits(unpackedBytes: limits.bodyBytes * Self.unpackedShare))
            } catch .tooLarge(let limit) {
                throw APIError.tooLarge(limit: limit)
            } catch {
                throw APIError.malformed(error.description)
            }
        case let other?:
            throw APIError(
                .unsupportedMediaType, "Unsupported media type",
                "Content-Encoding '\(other.prefix(40))' is not understood; send gzip or none.")
        }
    }

    /// The next lines that can be read, by their run, in the order of their first lines.
    private func read(_ lines: inout LinesOfText, _ now: Timestamp, _ outcome: Outcome) -> [[BatchLine]] {
        var order: [RunID] = []
        var found: [RunID: [BatchLine]] = [:]
        for _ in 0..<Self.linesAtOnce {
            guard let (number, bytes) = lines.next() else { break }
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            do {
                let line = try BatchLine(Array(bytes), number: number, receivedAt: now)
                if found[line.runID] == nil { order.append(line.runID) }
                found[line.runID, default: []].append(line)
            } catch {
                // Reading fails with nothing else.
                outcome.refuse(LineProblem(number, error) ?? LineProblem(line: number, status: 400, detail: "\(error)"))
            }
        }
        return order.compactMap { found[$0] }
    }

    private func carryOut(_ lines: [BatchLine], _ outcome: Outcome, _ tenant: TenantID) async throws {
        for line in lines {
            do {
                outcome.count(line, try await line.carryOut(store, metrics, tenant: tenant))
            } catch {
                guard let problem = LineProblem(line.number, error) else { throw error }
                outcome.refuse(problem)
            }
        }
    }

    /// What became of the lines so far; runs report to it side by side.
    private final class Outcome: Sendable {
        private struct State {
            /// Its problems in the order they were found.
            var answer = BatchAnswer()
            var hasCompletedRuns = false
        }

        private let state = Mutex(State())

        var hasCompletedRuns: Bool { state.withLock { $0.hasCompletedRuns } }

        var answer: BatchAnswer {
            state.withLock { state in
                state.answer.keepFirstProblems()
                return state.answer
            }
        }

        func count(_ line: BatchLine, _ result: WriteResult) {
            state.withLock { state in
                if result == .written { state.answer.accepted += 1 } else { state.answer.unchanged += 1 }
                if line.isCompletion { state.hasCompletedRuns = true }
            }
        }

        func refuse(_ problem: LineProblem) {
            state.withLock { state in
                state.answer.refused += 1
                state.answer.problems.append(problem)
                // Now and then, so that a million bad lines are not remembered.
                if state.answer.problems.count >= 2 * BatchAnswer.mostProblems { state.answer.keepFirstProblems() }
            }
        }
    }
}

extension BatchAnswer {
    fileprivate mutating func keepFirstProblems() {
        problems = Array(problems.sorted { $0.line < $1.line }.prefix(Self.mostProblems))
    }
}
