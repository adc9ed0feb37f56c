import Builds
import Foundation
import Logging
import Notifications
import Sharing
import Storage
import Synchronization

/// Tells destinations of a tenant's events.
///
/// What is to be told follows from the store: its log of events, and how far each destination has come with it. The work
/// queue only says where there is something to do, so a job that is lost is added again by the next look around
/// (``sweep()``), and one too many does no harm.
final class Notifier: Sendable {
    /// Events read at once, and messages sent before others get their turn.
    private static let page = 100
    private static let messagesPerJob = 20
    private static let dueLimit = 10_000

    let destinations: [Destination]
    let ledger: DeliveryLedger
    private let store: any Store
    private let sharing: SharedServices
    private let sender: Sender
    private let clock: WallClock
    private let metrics: ServerMetrics
    private let logger: Logger
    private let publicURL: String?
    /// Tenants and destinations that have begun with each other.
    private let begun = Mutex<Set<DueDelivery>>([])

    init(
        _ settings: NotificationSettings, store: any Store, sharing: SharedServices, clock: WallClock,
        metrics: ServerMetrics, logger: Logger
    ) {
        destinations = settings.destinations
        ledger = DeliveryLedger(store: store, clock: clock, schedule: settings.digest, logger: logger)
        sender = Sender(origin: settings.publicURL ?? "/inframind", limits: settings.limits)
        publicURL = settings.publicURL
        self.store = store
        self.sharing = sharing
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        metrics.notifies(destinations.map(\.name))
    }

    func close() async { await sender.shutdown() }

    // MARK: - Where there is something to do

    /// Events of a tenant were kept.
    func eventsKept(_ tenant: TenantID) async {
        for destination in destinations where destination.serves(tenant: tenant.rawValue) {
            await ask(.delivery(tenant: tenant.rawValue, destination: destination.name))
        }
    }

    /// A step was killed for want of memory; its run goes on, perhaps for an hour. What comes of it when the run is over is
    /// told from what is learned, if this was not.
    func stepWasKilled(_ span: String, of run: RunID, tenant: TenantID) async {
        guard destinations.contains(where: { $0.serves(tenant: tenant.rawValue) && $0.events.contains(.oom) })
        else { return }
        await ask(.kill(tenant: tenant.rawValue, run: run.rawValue, span: span))
    }

    /// Begins with tenants that have appeared, and asks for what has come of age.
    ///
    /// - Parameter isFirst: of this server. Tenants that are there already have had their events.
    func sweep(isFirst: Bool = false) async throws {
        for tenant in try await store.tenants() {
            for destination in destinations where destination.serves(tenant: tenant.rawValue) {
                let pair = DueDelivery(tenant: tenant, destination: destination.name)
                if begun.withLock({ $0.contains(pair) }) { continue }
                try await ledger.begin(destination, tenant: tenant, isNew: !isFirst)
                begun.withLock { _ = $0.insert(pair) }
            }
        }
        for due in try await store.dueDeliveries(at: clock.now(), limit: Self.dueLimit) {
            guard let destination = destination(due.destination), destination.serves(tenant: due.tenant.rawValue)
            else { continue }
            await ask(.delivery(tenant: due.tenant.rawValue, destination: destination.name))
        }
    }

    func ask(_ job: NotificationJob) async {
        // A queue that is full has something to do; the next look around asks again.
        _ = await sharing.queue.add(job.job)
    }

    // MARK: - Doing it

    /// - Throws: when the store does not answer; the job is then delivered again.
    func perform(_ job: NotificationJob) async throws {
        switch job {
        case .delivery(let tenant, let name):
            guard let destination = destination(name), destination.serves(tenant: tenant) else { return }
            try await deliver(to: destination, TenantID(tenant))
        case .kill(let tenant, let run, let span):
            try await tell(ofKill: span, RunID(run), TenantID(tenant))
        }
    }

    private func destination(_ name: String) -> Destination? { destinations.first { $0.name == name } }

    private func tell(ofKill span: String, _ run: RunID, _ tenant: TenantID) async throws {
        guard let stored = try await store.run(run, tenant: tenant),
            let step = stored.knownSteps.first(where: { $0.spanID == span }),
            let kill = MemoryKill(step, of: stored.run)
        else { return }
        var message = Message(kill, tenant: tenant)
        message.link = link(to: stored.run)
        for destination in destinations where destination.wants(message) {
            let now = clock.now()
            let taken = try await ledger.update(destination, tenant: tenant) { entry in
                // Without room it is left to what is learned when the run is over.
                guard entry.state.hasRoom else { return DeliveryState.Taken?.none }
                let taken = entry.state.take(message, at: now, policy: destination.policy)
                return taken == .known ? nil : taken
            }
            if let taken { count(taken, destination) }
            await ask(.delivery(tenant: tenant.rawValue, destination: destination.name))
        }
    }

    private func deliver(to destination: Destination, _ tenant: TenantID) async throws {
        // Nobody else's: a lease is known by it.
        let holder = UUID().uuidString
        for _ in 1...Self.messagesPerJob {
            guard let message = try await nextMessage(for: destination, tenant, holder) else { return }
            if let pause = await pause(before: destination) {
                let until = clock.now().advanced(bySeconds: pause)
                _ = try await ledger.update(destination, tenant: tenant) { $0.state.release(until: until) }
                return
            }
            let outcome = await sender.send(message, to: destination, at: clock.now())
            try await settle(message, outcome, destination, tenant)
        }
        await ask(.delivery(tenant: tenant.rawValue, destination: destination.name))
    }

    /// Takes in what is new, and says what to send now.
    private func nextMessage(
        for destination: Destination, _ tenant: TenantID, _ holder: String
    ) async throws -> Message? {
        let step = try await ledger.update(destination, tenant: tenant) { entry in
            let before = (entry.state, entry.position)
            let taken = try await takeEvents(&entry, destination, tenant)
            var expired: [DeliveryState.DeadLetter] = []
            let action = entry.state.next(
                at: clock.now(), holder: holder, policy: destination.policy, expired: { expired.append($0) })
            // A look that changes nothing writes nothing.
            if action == .wait && before == (entry.state, entry.position) { return NextStep?.none }
            return NextStep(action: action, taken: taken, expired: expired)
        }
        guard let step else { return nil }
        for taken in step.taken { count(taken, destination) }
        for letter in step.expired { gaveUp(letter.message, letter.reason, destination) }
        if case .send(let message) = step.action { return message }
        return nil
    }

    private struct NextStep: Sendable {
        var action: DeliveryState.Action
        var taken: [DeliveryState.Taken]
        var expired: [DeliveryState.DeadLetter]
    }

    private func takeEvents(
        _ entry: inout DeliveryLedger.Entry, _ destination: Destination, _ tenant: TenantID
    ) async throws -> [DeliveryState.Taken] {
        var all: [DeliveryState.Taken] = []
        var events: [NumberedEvent]
        repeat {
            events = try await store.events(after: entry.position, limit: Self.page, tenant: tenant)
            for event in events {
                // The log keeps what there is no room for.
                guard entry.state.hasRoom else { return all }
                entry.position = event.number
                guard var message = Message(event, tenant: tenant), destination.wants(message) else { continue }
                let now = clock.now()
                // Thousands of an import are stale: their runs need not be read.
                if now.seconds(since: message.at) <= destination.policy.longestAgeSeconds {
                    message.link = try await link(to: event.event.runID, tenant)
                }
                all.append(entry.state.take(message, at: now, policy: destination.policy))
            }
        } while events.count == Self.page
        return all
    }

    private func settle(
        _ message: Message, _ outcome: SendOutcome, _ destination: Destination, _ tenant: TenantID
    ) async throws {
        let chance = Double.random(in: 0...1)
        let settled = try await ledger.update(destination, tenant: tenant) { entry in
            entry.state.settle(
                message.id, outcome, at: clock.now(), policy: destination.policy, chance: chance)
        }
        switch settled {
        case .sent:
            metrics.notified(destination.name, .sent)
            logger.debug("Notification was sent", metadata: about(message, destination))
        case .postponed:
            guard case .failed(let reason) = outcome else { return metrics.notified(destination.name, .throttled) }
            metrics.notified(destination.name, .failed)
            logger.notice(
                "Notification could not be sent; it is tried again",
                metadata: about(message, destination).merging(["reason": "\(reason)"]) { $1 })
        case .givenUp(let reason): gaveUp(message, reason, destination)
        case .gone, nil: break
        }
    }

    /// Seconds to wait: all tenants and servers together send no more often than a receiver likes.
    private func pause(before destination: Destination) async -> Double? {
        let interval = destination.policy.shortestIntervalSeconds
        guard interval > 0 else { return nil }
        let limit = RateLimit(requests: 1, windowSeconds: interval)
        guard case .refused(let seconds) = await sharing.rateLimiter.admit("notify/\(destination.name)", within: limit)
        else { return nil }
        return seconds
    }

    // MARK: - Words

    private func link(to id: RunID, _ tenant: TenantID) async throws -> String? {
        if publicURL != nil { return link(toRun: id) }
        return try await store.run(id, tenant: tenant).flatMap { $0.run.ci?.url }
    }

    private func link(to run: Run) -> String? { publicURL == nil ? run.ci?.url : link(toRun: run.id) }

    /// The page for people, not the answer for programs.
    private func link(toRun id: RunID) -> String? { publicURL.map { $0 + Link.run(id.rawValue).text } }

    private func count(_ taken: DeliveryState.Taken, _ destination: Destination) {
        switch taken {
        case .counted: metrics.notified(destination.name, .deduplicated)
        case .stale: metrics.notified(destination.name, .stale)
        case .waits, .known: break
        }
    }

    private func gaveUp(_ message: Message, _ reason: String, _ destination: Destination) {
        metrics.notified(destination.name, .dead)
        logger.error(
            "Notification was given up",
            metadata: about(message, destination).merging(["reason": "\(reason)"]) { $1 })
    }

    private func about(_ message: Message, _ destination: Destination) -> Logger.Metadata {
        [
            "destination.name": "\(destination.name)", "message.id": "\(message.id)",
            "message.kind": "\(message.kind.rawValue)", "tenant.id": "\(message.tenant)",
        ]
    }
}
