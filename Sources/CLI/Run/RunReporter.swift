import Builds
import Client
import Glibc

/// Tells the server about a run: its start while the command runs, the rest when it has ended, and the spool when the
/// server does not listen. Nothing here throws, and nothing takes longer than it is given.
final class RunReporter: Sendable {
    /// What became of a report.
    enum Delivery: Hashable, Sendable {
        case sent
        /// It waits on disk; why.
        case spooled(String)
        /// It is gone; why.
        case lost(String)

        var sentence: String {
            switch self {
            case .sent: "reported"
            case .spooled(let reason): "not reported, kept for later: \(reason)"
            case .lost(let reason): "not reported, and lost: \(reason)"
            }
        }
    }

    private let client: InframindClient?
    private let spool: Spool?
    private let opening: BackgroundWork<Void>?

    /// Time for the first two messages. The command is running meanwhile; nobody waits for this.
    private static let openingBudget = Duration.seconds(5)
    /// Time for old reports: some thousand of them at a few milliseconds each.
    private static let flushBudget = Duration.seconds(10)

    /// Starts telling: the run and its step begin. Then older reports go out, if the server took these.
    init(client: InframindClient?, spool: Spool?, opening report: RunReport) {
        self.client = client
        self.spool = spool
        guard let client else {
            opening = nil
            return
        }
        let opening = BackgroundWork { try await client.deliver(report, within: Self.openingBudget) }
        self.opening = opening
        guard let spool else { return }
        Task.detached(priority: .background) {
            guard (try? await opening.value()) != nil else { return }
            _ = await spool.flush(within: Self.flushBudget) { (old, left) throws(ClientError) in
                try await client.deliver(old, within: left)
            }
        }
    }

    /// Tells the rest, within `budget`; else keeps all of it for later.
    ///
    /// - Parameters:
    ///   - report: the whole run.
    ///   - reasonForNoClient: why there is no client, if there is none.
    func close(_ report: RunReport, within budget: Duration, reasonForNoClient: String?) -> Delivery {
        guard let client, let opening else { return keep(report, reasonForNoClient ?? "there is no server") }
        let deadline = ContinuousClock.now + budget
        guard let opened = opening.wait(until: deadline) else {
            opening.cancel()
            return keep(report, "\(ClientError.timeout)")
        }
        // A server that was away when the command began may be back: then everything is told now.
        let isOpen = (try? opened.get()) != nil
        let closing = BackgroundWork {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            try await client.deliver(report, onlyEnds: isOpen, within: left)
        }
        switch closing.wait(until: deadline) {
        case .success: return .sent
        case .failure(let error):
            if let error = error as? ClientError, error.isPermanent { return .lost("\(error)") }
            return keep(report, "\(error)")
        case nil:
            closing.cancel()
            return keep(report, "\(ClientError.timeout)")
        }
    }

    private func keep(_ report: RunReport, _ reason: String) -> Delivery {
        guard let spool else { return .lost("\(reason); and no folder can be written to") }
        do {
            try spool.add(report, at: currentTime(), random: .random(in: 0 ... .max))
            return .spooled(reason)
        } catch {
            return .lost("\(reason); \(error)")
        }
    }
}

/// The time of day.
func currentTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
