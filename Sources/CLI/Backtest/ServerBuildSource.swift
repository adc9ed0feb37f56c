import Builds
import Client
import Optimizer

/// A tenant's own builds, as its server has learned them.
struct ServerBuildSource {
    let client: InframindClient
    /// Only its builds; `nil` for all.
    var pipeline: String?
    /// Builds taken at most, the first ones; `nil` for all.
    var limitRows: Int?
    /// The largest machine, GiB.
    var capGiB: Double
    /// Called with the attempts read so far.
    var progress: @Sendable (Int) -> Void = { _ in }

    /// Reads them all, in the order in which they were learned.
    ///
    /// - Throws: `ClientError`.
    func load() async throws -> LoadedHistory {
        var outcomes: [Outcome] = []
        var next: Int64? = 0
        while let after = next, outcomes.count < limitRows ?? .max {
            let page = try await client.history(of: pipeline, after: after)
            outcomes += page.builds.compactMap(\.outcome)
            // A page that leads nowhere would be asked for again and again.
            next = page.next.flatMap { $0 > after ? $0 : nil }
            progress(outcomes.count)
        }
        var leftOut: [UnrecordedOutcome: Int] = [:]
        let history = RecordedHistory(
            Array(outcomes.prefix(limitRows ?? .max)), memoryCapGiB: capGiB, leftOut: &leftOut)
        var loaded = LoadedHistory(
            history: history, origin: client.endpoint.url,
            pipelineCount: Set(history.builds.map(\.question.step.pipeline)).count)
        for (reason, count) in leftOut { loaded.skipped[SkipReason(reason)] = count }
        loaded.requestCount = history.builds.count { $0.question.requestedGiB != nil }
        return loaded
    }
}

extension SkipReason {
    init(_ reason: UnrecordedOutcome) {
        self =
            switch reason {
            case .killed: .killed
            case .cutShort, .withoutDuration: .unfinished
            case .withoutPeak: .withoutPeak
            }
    }
}
