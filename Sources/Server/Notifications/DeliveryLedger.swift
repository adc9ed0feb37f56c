import Builds
import Foundation
import Logging
import Notifications
import Storage

/// Where destinations stand, in the store: read, changed and kept in one step, whoever else does the same meanwhile.
struct DeliveryLedger: Sendable {
    /// A delivery as it is being changed.
    struct Entry: Sendable {
        var state: DeliveryState
        /// Number of the last event that was taken in.
        var position: Int64
    }

    /// More servers than this at one row at once there are not; a store that always refuses must not be asked for ever.
    private static let tries = 20

    let store: any Store
    let clock: WallClock
    let schedule: DigestSchedule
    let logger: Logger

    /// - Returns: `nil` when the destination has not begun with the tenant, or what is kept cannot be read.
    func state(of destination: Destination, tenant: TenantID) async throws -> DeliveryState? {
        try await store.delivery(to: destination.name, tenant: tenant).flatMap(Self.state)
    }

    /// Begins with a tenant unless that was done.
    ///
    /// - Parameter isNew: the tenant has only just appeared: all its events are news. Otherwise those that are there are
    ///   old news to a destination that was not.
    func begin(_ destination: Destination, tenant: TenantID, isNew: Bool) async throws {
        if try await store.delivery(to: destination.name, tenant: tenant) != nil { return }
        _ = try await keep(try await fresh(tenant, isNew: isNew), version: 0, destination, tenant)
    }

    /// Changes where a destination stands with a tenant.
    ///
    /// - Parameter change: is asked again, from what is there then, when somebody else was faster. Returns `nil` to leave
    ///   all as it is.
    func update<Value: Sendable>(
        _ destination: Destination, tenant: TenantID,
        _ change: (inout Entry) async throws -> Value?
    ) async throws -> Value? {
        for _ in 1...Self.tries {
            let kept = try await store.delivery(to: destination.name, tenant: tenant)
            var entry: Entry
            if let kept, let state = Self.state(kept) {
                entry = Entry(state: state, position: kept.position)
            } else {
                if kept != nil {
                    logger.warning(
                        "Where a destination stood cannot be read; it begins anew",
                        metadata: ["destination.name": "\(destination.name)", "tenant.id": "\(tenant)"])
                }
                entry = try await fresh(tenant, isNew: kept == nil)
            }
            guard let value = try await change(&entry) else { return nil }
            if try await keep(entry, version: kept?.version ?? 0, destination, tenant) { return value }
        }
        throw StoreError.unavailable("where destination '\(destination.name)' stands could not be kept")
    }

    private func fresh(_ tenant: TenantID, isNew: Bool) async throws -> Entry {
        let position = isNew ? 0 : try await store.newestEvent(tenant: tenant)
        let lesson = isNew ? 0 : try await store.learningPosition(tenant: tenant).newestLesson
        let state = DeliveryState(digestedAt: schedule.latest(before: clock.now()), digestedLesson: lesson)
        return Entry(state: state, position: position)
    }

    private func keep(
        _ entry: Entry, version: Int64, _ destination: Destination, _ tenant: TenantID
    ) async throws -> Bool {
        let bytes = try JSONEncoder().encode(entry.state)
        let delivery = StoredDelivery(
            destination: destination.name, version: version, position: entry.position,
            dueAt: entry.state.dueAt(destination.policy),
            state: try JSONDecoder().decode(JSONValue.self, from: bytes))
        return try await store.save(delivery, tenant: tenant)
    }

    private static func state(_ delivery: StoredDelivery) -> DeliveryState? {
        guard let bytes = try? JSONEncoder().encode(delivery.state) else { return nil }
        return try? JSONDecoder().decode(DeliveryState.self, from: bytes)
    }
}
