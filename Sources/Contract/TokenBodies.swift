import Builds

/// `POST /tokens`: make a token.
public struct TokenBody: Codable, Sendable {
    public var name: String
    public var scopes: [String]
    /// Seconds until it ends; absent: never.
    public var expiresInSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case name, scopes
        case expiresInSeconds = "expires_in_s"
    }

    public init(name: String, scopes: Set<TokenScope>, expiresInSeconds: Double?) {
        self.name = name
        self.scopes = scopes.map(\.rawValue).sorted()
        self.expiresInSeconds = expiresInSeconds
    }

    /// - Parameter scopeNames: as somebody typed them; ``content()`` checks them.
    public init(name: String, scopeNames: [String], expiresInSeconds: Double?) {
        self.name = name
        scopes = scopeNames
        self.expiresInSeconds = expiresInSeconds
    }

    /// - Throws: ``InvalidBody`` naming every field that cannot be accepted.
    public func content() throws(InvalidBody) -> (name: String, scopes: Set<TokenScope>, expiresInSeconds: Double?) {
        var check = BodyCheck()
        check.name(name, "name")
        if scopes.isEmpty || scopes.count > Bounds.listEntries { check.fail("scopes", "must name at least one scope") }
        let known = scopes.prefix(Bounds.listEntries).map(TokenScope.init(rawValue:))
        for (index, scope) in known.enumerated() where scope == nil {
            check.fail("scopes[\(index)]", "must be one of ingest, read, operate, admin")
        }
        check.number(expiresInSeconds, "expires_in_s", in: Self.lifetimes)
        try check.finish()
        return (name, Set(known.compactMap(\.self)), expiresInSeconds)
    }

    /// A minute to ten years.
    static let lifetimes = 60.0...315_360_000
}

/// `POST /tokens/{token_id}/rotate`: a new secret with the same rights; the old one ends a while later.
public struct RotateTokenBody: Codable, Sendable {
    /// Seconds for which both work; absent: a day.
    public var overlapSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case overlapSeconds = "overlap_s"
    }

    public init(overlapSeconds: Double?) { self.overlapSeconds = overlapSeconds }

    /// - Throws: ``InvalidBody``.
    public func content() throws(InvalidBody) -> Double {
        var check = BodyCheck()
        check.number(overlapSeconds, "overlap_s", in: 0...Self.longestOverlap)
        try check.finish()
        return overlapSeconds ?? 86_400
    }

    /// Thirty days.
    static let longestOverlap = 2_592_000.0
}

/// A token, without its secret.
public struct TokenAnswer: Codable, Hashable, Sendable {
    public var id: String
    public var name: String
    public var scopes: [String]
    /// RFC 3339, as are the others.
    public var created_at: String
    /// Absent: never.
    public var expires_at: String?
    public var revoked_at: String?
    /// Whether it opens anything now.
    public var valid: Bool

    public init(
        id: String, name: String, scopes: Set<TokenScope>, createdAt: Timestamp, expiresAt: Timestamp?,
        revokedAt: Timestamp?, isValid: Bool
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes.map(\.rawValue).sorted()
        created_at = createdAt.rfc3339
        expires_at = expiresAt?.rfc3339
        revoked_at = revokedAt?.rfc3339
        valid = isValid
    }
}

/// `POST /tokens`, `POST /tokens/{token_id}/rotate`: the one time the secret is told.
public struct NewTokenAnswer: Codable, Hashable, Sendable {
    public var token: String
    public var info: TokenAnswer

    public init(token: String, info: TokenAnswer) {
        self.token = token
        self.info = info
    }
}

/// `GET /tokens`.
public struct TokensAnswer: Codable, Hashable, Sendable {
    /// Oldest first.
    public var tokens: [TokenAnswer]

    public init(tokens: [TokenAnswer]) { self.tokens = tokens }
}

/// `GET /audit`: who changed what, newest first.
public struct AuditAnswer: Codable, Hashable, Sendable {
    public var entries: [Entry]
    /// `before` of the next page; absent on the last.
    public var next: Int64?

    public init(entries: [Entry], next: Int64?) {
        self.entries = entries
        self.next = next
    }

    public struct Entry: Codable, Hashable, Sendable {
        public var number: Int64
        public var at: String
        /// Id of the token it was done with; `configured` for one of the server's configuration.
        public var actor: String
        public var action: String
        public var subject: String

        public init(number: Int64, at: Timestamp, actor: String, action: String, subject: String) {
            self.number = number
            self.at = at.rfc3339
            self.actor = actor
            self.action = action
            self.subject = subject
        }
    }
}
