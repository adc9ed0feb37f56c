import Builds
import Logging
import Notifications
import Storage

/// Makes the weekly digests, one for each destination and tenant that wants it. The week is part of where a destination
/// stands, so however often servers restart or lose the lead, it is made once.
struct WeeklyDigests: Sendable {
    /// Rare enough to cost nothing, and soon enough for a Monday morning.
    static let interval = Duration.seconds(60)
    /// Lessons read at once: decoding them takes some milliseconds, for which nothing else runs on this thread.
    private static let page = 100
    /// Of lessons learned since the last digest, those of runs that began longer ago were imported.
    private static let longestDays = 8.0

    let notifier: Notifier
    let store: any Store
    let clock: WallClock
    /// Where a ticket cannot be read.
    let acceptedRisk: Double

    var task: ScheduledTask { ScheduledTask(name: "weekly digest", interval: Self.interval) { try await make() } }

    func make() async throws {
        let now = clock.now()
        let dueAt = notifier.ledger.schedule.latest(before: now)
        let wanting = notifier.destinations.filter { $0.events.contains(.digest) }
        if wanting.isEmpty { return }
        for tenant in try await store.tenants() {
            // Destinations have usually come equally far.
            var made: [Int64: Made] = [:]
            for destination in wanting where destination.serves(tenant: tenant.rawValue) {
                guard let state = try await notifier.ledger.state(of: destination, tenant: tenant),
                    state.digestedAt < dueAt
                else { continue }
                let from = state.digestedLesson
                let digest: Made
                if let known = made[from] {
                    digest = known
                } else {
                    digest = try await figures(after: from, dueAt: dueAt, now: now, tenant)
                    made[from] = digest
                }
                let isNew = try await notifier.ledger.update(destination, tenant: tenant) { entry in
                    let isNew = entry.state.takeDigest(digest.message, dueAt: dueAt, lesson: digest.newest, at: now)
                    return isNew ? true : nil
                }
                guard isNew == true, digest.message != nil else { continue }
                await notifier.ask(.delivery(tenant: tenant.rawValue, destination: destination.name))
            }
        }
    }

    private struct Made: Sendable {
        /// `nil` when nothing ran.
        var message: Message?
        var newest: Int64
    }

    private func figures(
        after number: Int64, dueAt: Timestamp, now: Timestamp, _ tenant: TenantID
    ) async throws -> Made {
        let from = dueAt.advanced(bySeconds: -Self.longestDays * 86_400)
        var figures = WeeklyFigures(period: from...max(from, now))
        var newest = number
        var page: [StoredLesson]
        repeat {
            try Task.checkCancellation()
            page = try await store.lessons(after: newest, limit: Self.page, tenant: tenant)
            for stored in page {
                newest = stored.number
                var outcome = stored.lesson.outcome
                outcome.runID = stored.runID
                let ticket = TicketBytes.decode(stored.lesson.ticket)
                figures.add(
                    outcome, risk: ticket?.acceptedRisk ?? acceptedRisk,
                    isFollowed: ticket.map { $0.mode != .observed } ?? false, declaredGiB: ticket?.declaredMemoryGiB)
            }
            await Task.yield()
        } while page.count == Self.page
        guard !figures.isEmpty else { return Made(message: nil, newest: newest) }
        let message = Message(
            id: "digest-\(dueAt.rfc3339.prefix(10))", kind: .digest, tenant: tenant.rawValue,
            step: StepIdentity(pipeline: ""), at: dueAt, text: figures.text, facts: figures.facts)
        return Made(message: message, newest: newest)
    }
}
