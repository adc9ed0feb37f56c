import Builds

/// `GET /notifications`: who is told of a tenant's events, how that goes, and what was given up. Addresses and tokens are
/// never part of it.
public struct NotificationsAnswer: Codable, Sendable {
    public var destinations: [Destination]

    public init(destinations: [Destination]) { self.destinations = destinations }

    public struct Destination: Codable, Hashable, Sendable {
        public var name: String
        /// `slack`, `webhook` or `alertmanager`.
        public var kind: String
        public var events: [String]
        /// Messages that wait.
        public var pending: Int
        /// Messages that are counted, to be told as one.
        public var held: Int
        /// Tries that failed since one went well.
        public var failures: Int
        /// RFC 3339.
        public var next_try_at: String?
        public var last_sent_at: String?
        /// Why the last try failed.
        public var last_problem: String?
        /// Newest first.
        public var dead: [DeadLetter]

        public init(
            name: String, kind: String, events: [String], pending: Int, held: Int, failures: Int,
            nextTryAt: Timestamp?, lastSentAt: Timestamp?, lastProblem: String?, dead: [DeadLetter]
        ) {
            self.name = name
            self.kind = kind
            self.events = events
            self.pending = pending
            self.held = held
            self.failures = failures
            next_try_at = nextTryAt?.rfc3339
            last_sent_at = lastSentAt?.rfc3339
            last_problem = lastProblem
            self.dead = dead
        }
    }

    /// A message that was given up.
    public struct DeadLetter: Codable, Hashable, Sendable {
        public var kind: String
        public var pipeline: String
        public var stage: String
        public var step: String
        public var text: String
        /// How many like it it stood for.
        public var count: Int
        public var attempts: Int
        /// When it was given up, RFC 3339.
        public var at: String
        public var reason: String

        public init(
            kind: String, about step: StepIdentity, text: String, count: Int, attempts: Int, at: Timestamp,
            reason: String
        ) {
            self.kind = kind
            pipeline = step.pipeline
            stage = step.stage
            self.step = step.step
            self.text = text
            self.count = count
            self.attempts = attempts
            self.at = at.rfc3339
            self.reason = reason
        }
    }
}
