import Builds

/// Tokens, and the record of who changed what. Part of ``Store``; its promises hold here, too.
public protocol TokenStore: Sendable {
    /// Keeps a new token, and the record of its making.
    ///
    /// - Parameter digest: SHA-256 of the token; the token itself is kept nowhere.
    /// - Throws: ``StoreError/conflict(_:)`` when the id or the digest is there already.
    func create(_ token: StoredToken, digest: [UInt8], audit: AuditEntry) async throws

    /// Keeps `successor`, and lets the token `id` of its tenant end at `end` unless it ends sooner.
    ///
    /// - Throws: ``StoreError/unknownToken(_:)``; ``StoreError/conflict(_:)`` when that token was revoked or has expired
    ///   at the time of `audit`.
    func rotate(
        _ id: String, to successor: StoredToken, digest: [UInt8], oldEndsAt end: Timestamp, audit: AuditEntry
    ) async throws

    /// Ends a token now. Revoking again changes nothing.
    ///
    /// - Throws: ``StoreError/unknownToken(_:)``.
    func revokeToken(_ id: String, audit: AuditEntry, tenant: TenantID) async throws

    /// The token with this digest, of whichever tenant, also when it is over.
    func token(digest: [UInt8]) async throws -> StoredToken?

    /// A tenant's tokens, oldest first, also those that are over.
    func tokens(tenant: TenantID) async throws -> [StoredToken]

    /// Keeps the record of something done.
    func record(_ entry: AuditEntry, tenant: TenantID) async throws

    /// Records before the one numbered `number` (all when `nil`), newest first; `limit` 1 to 1000.
    func auditLog(before number: Int64?, limit: Int, tenant: TenantID) async throws -> [AuditEntry]
}

/// A token without its secret.
public struct StoredToken: Hashable, Sendable {
    /// Names it where it may be seen: in lists and in the audit log.
    public var id: String
    public var tenant: TenantID
    /// What people call it.
    public var name: String
    public var scopes: Set<TokenScope>
    public var createdAt: Timestamp
    /// `nil`: never.
    public var expiresAt: Timestamp?
    public var revokedAt: Timestamp?

    public init(
        id: String, tenant: TenantID, name: String, scopes: Set<TokenScope>, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.name = name
        self.scopes = scopes
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether it opens anything at `time`.
    public func isValid(at time: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { time < $0 } ?? true
    }
}

/// Who did what, when.
public struct AuditEntry: Hashable, Sendable {
    /// Grows with time; 0 until it is kept.
    public var number: Int64
    public var at: Timestamp
    /// Id of the token it was done with; `configured` for one of the server's configuration.
    public var actor: String
    /// `token.create`, `token.rotate`, `token.revoke`, `model.train`, `model.activate`.
    public var action: String
    /// What it was done to: the id of a token, the version of a model.
    public var subject: String

    public init(number: Int64 = 0, at: Timestamp, actor: String, action: String, subject: String) {
        self.number = number
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
    }
}
