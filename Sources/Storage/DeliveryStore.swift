import Builds

/// What telling others of events needs remembered. Part of ``Store``; its promises hold here, too.
public protocol DeliveryStore: Sendable {
    /// Events that were kept after the one numbered `number`, in the order they were kept; `limit` 1 to 1000.
    func events(after number: Int64, limit: Int, tenant: TenantID) async throws -> [NumberedEvent]

    /// Number of the newest event; 0 for none.
    func newestEvent(tenant: TenantID) async throws -> Int64

    /// Where a destination stands with the tenant's events; `nil` when it has not begun.
    func delivery(to destination: String, tenant: TenantID) async throws -> StoredDelivery?

    /// Keeps where a destination stands, unless somebody else has kept something since it was read.
    ///
    /// - Returns: whether it was kept. If not, it must be read again.
    func save(_ delivery: StoredDelivery, tenant: TenantID) async throws -> Bool

    /// Deliveries with something to do: their time has come, or there are events they have not taken in. Of all tenants;
    /// `limit` 1 to 10,000.
    func dueDeliveries(at time: Timestamp, limit: Int) async throws -> [DueDelivery]
}

/// An event with its number, which grows in the order events are kept.
public struct NumberedEvent: Hashable, Sendable {
    public var number: Int64
    public var event: StoredEvent

    public init(number: Int64, event: StoredEvent) {
        self.number = number
        self.event = event
    }
}

/// Where a destination stands with the events of a tenant.
public struct StoredDelivery: Hashable, Sendable {
    public var destination: String
    /// As it was read; 0 when there was none. What is kept gets the next.
    public var version: Int64
    /// Number of the last event that was taken in; 0 for none.
    public var position: Int64
    /// When there is something to do; `nil`: nothing until there is another event.
    public var dueAt: Timestamp?
    /// Opaque to the store.
    public var state: JSONValue

    public init(destination: String, version: Int64 = 0, position: Int64, dueAt: Timestamp?, state: JSONValue) {
        self.destination = destination
        self.version = version
        self.position = position
        self.dueAt = dueAt
        self.state = state
    }
}

/// A delivery that has something to do.
public struct DueDelivery: Hashable, Sendable {
    public var tenant: TenantID
    public var destination: String

    public init(tenant: TenantID, destination: String) {
        self.tenant = tenant
        self.destination = destination
    }
}
