/// The word that something a tenant's recommendations follow from is another than before.
public struct ChangeNotice: Hashable, Codable, Sendable {
    public enum Subject: String, Codable, Sendable {
        /// There are more lessons than before.
        case lessons
        /// Another model is in force.
        case model
    }

    public var tenant: String
    public var subject: Subject
    /// Number of the tenant's newest lesson when this was said. Who is there already has nothing to do.
    public var position: Int64
    /// The server that says so, by any name of its own; it need not act on what it said itself.
    public var publisher: String

    public init(tenant: String, subject: Subject, position: Int64, publisher: String) {
        self.tenant = tenant
        self.subject = subject
        self.position = position
        self.publisher = publisher
    }
}
