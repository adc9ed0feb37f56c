import Builds

/// Something to tell people, before anybody has decided in which shape.
///
/// Names in it are as clients sent them: whoever writes them into a payload makes them harmless there.
public struct Message: Hashable, Codable, Sendable {
    /// A name and what there is to say of it.
    public struct Fact: Hashable, Codable, Sendable {
        public var label: String
        public var value: String

        public init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// Names it within its tenant for good: a receiver that has seen it already may drop it.
    public var id: String
    public var kind: MessageKind
    public var tenant: String
    /// What it is about; without names for a digest.
    public var step: StepIdentity
    public var runID: String?
    /// When it happened.
    public var at: Timestamp
    /// A sentence or a few, without names.
    public var text: String
    public var facts: [Fact]
    /// Where to read more: `http` or `https`.
    public var link: String?
    /// What happened, however often it is told: one kill is seen by the build, by an agent, and by what is learned.
    public var occurrence: String
    /// How many like it this one stands for.
    public var count = 1
    /// When the first of them happened.
    public var firstAt: Timestamp?

    public init(
        id: String, kind: MessageKind, tenant: String, step: StepIdentity, runID: String? = nil, at: Timestamp,
        text: String, facts: [Fact] = [], link: String? = nil, occurrence: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.tenant = tenant
        self.step = step
        self.runID = runID
        self.at = at
        self.text = text
        self.facts = facts
        self.link = link
        self.occurrence = occurrence ?? id
    }

    /// Messages with the same key say the same; within a while, one of them is enough.
    var key: String {
        let digest = kind == .digest ? id : ""
        return [kind.rawValue, step.pipeline, step.stage, step.step, digest].joined(separator: "\u{1F}")
    }

    /// Pipeline, stage and step, as far as they have names.
    var subject: String { [step.pipeline, step.stage, step.step].filter { !$0.isEmpty }.joined(separator: " › ") }

    /// `(3 times since 12:04 UTC)`; empty for one.
    var repetition: String {
        guard count > 1 else { return "" }
        let since = firstAt.map { " since \($0.rfc3339.dropFirst(11).prefix(5)) UTC" } ?? ""
        return "(\(count) times\(since))"
    }

    /// This, standing for `earlier` as well.
    func standing(for earlier: Message?) -> Message {
        guard let earlier else { return self }
        var both = self
        both.count += earlier.count
        both.firstAt = min(firstAt ?? at, earlier.firstAt ?? earlier.at)
        return both
    }
}

/// What a message is about; the words of a destination's `events`.
public enum MessageKind: String, Hashable, Codable, Sendable, CaseIterable {
    /// A step was killed for want of memory.
    case oom
    /// OOM kills came more often than accepted.
    case promise
    /// A step has changed for good.
    case drift
    /// One run far from what was expected.
    case anomaly
    /// Settings that did worse than the declared ones were taken back.
    case rollback
    /// The week in numbers.
    case digest

    /// What stands above a message.
    var title: String {
        switch self {
        case .oom: "Out of memory"
        case .promise: "OOM kills beyond what was accepted"
        case .drift: "Drift"
        case .anomaly: "Anomaly"
        case .rollback: "Settings taken back"
        case .digest: "Weekly digest"
        }
    }

    /// For routing.
    var severity: String {
        switch self {
        case .promise: "critical"
        case .oom, .drift, .rollback: "warning"
        case .anomaly, .digest: "info"
        }
    }
}
