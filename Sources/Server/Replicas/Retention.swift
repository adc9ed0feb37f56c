import Logging
import Storage

/// Lets go of what is older than it must be kept. What was learned from it stays for good.
struct Retention: Sendable {
    /// Long enough to notice that something is due, rare enough to cost nothing.
    static let interval = Duration.seconds(3600)
    /// Runs in one transaction: some milliseconds, for which other writes wait.
    private static let runsPerTransaction = 50

    let store: any Store
    let clock: WallClock
    let metrics: ServerMetrics
    let logger: Logger
    /// Days that steps are kept after their run was recorded.
    let stepDays: Int

    var task: ScheduledTask {
        ScheduledTask(name: "retention", interval: Self.interval) { try await self.prune() }
    }

    func prune() async throws {
        let now = clock.now()
        let limit = now.advanced(bySeconds: -Double(stepDays) * 86_400)
        for tenant in try await store.tenants() {
            try await store.markRetention(at: now, tenant: tenant)
            var steps = 0
            var isDone = false
            while !isDone {
                try Task.checkCancellation()
                let pruned = try await store.pruneSteps(
                    recordedBefore: limit, limit: Self.runsPerTransaction, tenant: tenant)
                steps += pruned.steps
                isDone = pruned.isDone
            }
            guard steps > 0 else { continue }
            metrics.stepsPruned(steps)
            logger.info(
                "Old steps were let go", metadata: ["tenant.id": "\(tenant)", "steps.count": "\(steps)"])
        }
        metrics.retentionEnded(at: clock.now())
    }
}
