import Builds

/// Where one destination stands with the messages of one tenant: what waits, what was told lately, what was given up.
///
/// A value without clock, chance or network. It is kept in the store, each change in one step and only if nobody else
/// made one meanwhile; so a restart loses nothing, and of several servers one sends. See ``next(at:holder:policy:)`` for
/// the order of things: a lease is kept, the message is sent, the outcome is kept. A server that dies in between has
/// perhaps sent: the next sends again, under the same id.
public struct DeliveryState: Hashable, Codable, Sendable {
    public struct Pending: Hashable, Codable, Sendable {
        public var message: Message
        /// When it was heard of.
        public var since: Timestamp
        public var attempts = 0
    }

    /// What was given up, for a person to look at.
    public struct DeadLetter: Hashable, Codable, Sendable {
        public var message: Message
        public var at: Timestamp
        public var attempts: Int
        public var reason: String
    }

    /// What was told under one key.
    struct Told: Hashable, Codable, Sendable {
        /// `nil` while it waits.
        var at: Timestamp?
        /// When it was last heard of.
        var heardAt: Timestamp
        /// What happened, newest last.
        var occurrences: [String] = []
        /// What came since, as one.
        var held: Message?
    }

    struct Lease: Hashable, Codable, Sendable {
        var holder: String
        var until: Timestamp
    }

    /// Messages that may wait. Events stay in the store's log until there is room.
    static let capacity = 100
    static let toldCapacity = 500
    static let occurrenceCapacity = 20
    static let deadCapacity = 20

    /// Oldest first.
    public internal(set) var pending: [Pending] = []
    /// Newest last.
    public internal(set) var dead: [DeadLetter] = []
    /// Tries that failed since one went well.
    public internal(set) var failures = 0
    /// Nothing is sent before.
    public internal(set) var notBefore: Timestamp?
    public internal(set) var lastSentAt: Timestamp?
    /// Why the last try failed; `nil` when it went well.
    public internal(set) var lastProblem: String?
    var told: [String: Told] = [:]
    var lease: Lease?
    /// The last weekly digest that was made, by the time it was due, and the newest lesson in it.
    public internal(set) var digestedAt: Timestamp
    public internal(set) var digestedLesson: Int64

    /// - Parameters:
    ///   - digestedAt: the digest that was due before this began is not made up for.
    ///   - digestedLesson: the first digest begins after this one.
    public init(digestedAt: Timestamp, digestedLesson: Int64) {
        self.digestedAt = digestedAt
        self.digestedLesson = digestedLesson
    }

    public var hasRoom: Bool { pending.count < Self.capacity }

    /// Messages that are counted for later, see ``DeliveryPolicy/repeatSeconds``.
    public var heldCount: Int { told.values.reduce(0) { $0 + ($1.held?.count ?? 0) } }

    /// When there is something to do; `nil`: nothing until somebody says something.
    public func dueAt(_ policy: DeliveryPolicy) -> Timestamp? {
        var times = told.values.compactMap { told in
            told.held == nil ? nil : told.at?.advanced(bySeconds: policy.repeatSeconds)
        }
        if let first = pending.first {
            let waits = [notBefore, lastSentAt?.advanced(bySeconds: policy.shortestIntervalSeconds)]
            times.append(waits.compactMap(\.self).max() ?? first.since)
        }
        guard let earliest = times.min() else { return nil }
        return max(earliest, lease?.until ?? earliest)
    }
}
