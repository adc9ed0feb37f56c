/// Where messages go, which ones, and how often.
public struct Destination: Sendable {
    /// The shape in which it takes messages.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Slack's incoming webhooks, and whoever understands their blocks.
        case slack
        /// CloudEvents 1.0 in structured mode; the data is a CDEvent.
        case webhook
        /// Alertmanager's `/api/v2/alerts`.
        case alertmanager

        /// Everything it can say, unless somebody chooses.
        public var usualEvents: Set<MessageKind> {
            // An alert is a state that ends; a digest is none.
            self == .alertmanager ? Set(MessageKind.allCases).subtracting([.digest]) : Set(MessageKind.allCases)
        }
    }

    public var name: String
    public var kind: Kind
    public var address: DestinationAddress
    /// Sent as `Authorization: Bearer`.
    public var token: Secret?
    /// Signs what is sent.
    public var signature: WebhookSignature?
    public var events: Set<MessageKind>
    /// Whose messages it gets; any of these.
    public var tenants: [NamePattern]
    /// About which pipelines; any of these. A digest is about all.
    public var pipelines: [NamePattern]
    public var policy = DeliveryPolicy()
    /// The text of a message where the operator wants another.
    public var template: MessageTemplate?

    public init(
        name: String, kind: Kind, address: DestinationAddress, token: Secret? = nil,
        signature: WebhookSignature? = nil, events: Set<MessageKind>? = nil,
        tenants: [NamePattern] = [NamePattern("*")], pipelines: [NamePattern] = [NamePattern("*")]
    ) {
        self.name = name
        self.kind = kind
        self.address = address
        self.token = token
        self.signature = signature
        self.events = events ?? kind.usualEvents
        self.tenants = tenants
        self.pipelines = pipelines
    }

    public func serves(tenant: String) -> Bool { tenants.contains { $0.matches(tenant) } }

    public func wants(_ message: Message) -> Bool {
        events.contains(message.kind) && serves(tenant: message.tenant)
            && (message.kind == .digest || pipelines.contains { $0.matches(message.step.pipeline) })
    }
}
