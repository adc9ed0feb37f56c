import Builds

enum TokenStatements {
    private static let columns = "token_id, tenant_id, name, scopes, created_at, expires_at, revoked_at"

    static let insert = """
        INSERT INTO access_tokens (\(columns), digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """

    static let find = "SELECT \(columns) FROM access_tokens WHERE tenant_id = $1 AND token_id = $2"

    static let ofDigest = "SELECT \(columns) FROM access_tokens WHERE digest = $1"

    static let all = """
        SELECT \(columns) FROM access_tokens WHERE tenant_id = $1 ORDER BY created_at, token_id
        """

    static let revoke = "UPDATE access_tokens SET revoked_at = $1 WHERE tenant_id = $2 AND token_id = $3"

    static let expire = "UPDATE access_tokens SET expires_at = $1 WHERE tenant_id = $2 AND token_id = $3"
}

extension SQLSession {
    func create(_ token: StoredToken, digest: [UInt8]) throws {
        try execute(
            TokenStatements.insert,
            [
                .text(token.id), .text(token.tenant.rawValue), .text(token.name),
                .text(token.scopes.map(\.rawValue).sorted().joined(separator: " ")),
                .integer(token.createdAt.microseconds), SQLValue(token.expiresAt), SQLValue(token.revokedAt),
                .bytes(digest),
            ])
    }

    func rotate(
        _ id: String, to successor: StoredToken, digest: [UInt8], oldEndsAt end: Timestamp, at now: Timestamp
    ) throws {
        let old = try token(id, successor.tenant)
        guard old.isValid(at: now) else {
            throw StoreError.conflict("Token '\(id)' is over; make a new one instead of rotating it.")
        }
        try create(successor, digest: digest)
        if old.expiresAt.map({ end < $0 }) ?? true {
            try execute(
                TokenStatements.expire,
                [.integer(end.microseconds), .text(old.tenant.rawValue), .text(id)])
        }
    }

    /// - Returns: whether it was not revoked before.
    func revokeToken(_ id: String, at time: Timestamp, _ tenant: TenantID) throws -> Bool {
        if try token(id, tenant).revokedAt != nil { return false }
        try execute(TokenStatements.revoke, [.integer(time.microseconds), .text(tenant.rawValue), .text(id)])
        return true
    }

    func token(digest: [UInt8]) throws -> StoredToken? {
        try firstRow(TokenStatements.ofDigest, [.bytes(digest)])?.storedToken()
    }

    func tokens(_ tenant: TenantID) throws -> [StoredToken] {
        try rows(TokenStatements.all, [.text(tenant.rawValue)]).map { try $0.storedToken() }
    }

    private func token(_ id: String, _ tenant: TenantID) throws -> StoredToken {
        guard let row = try firstRow(TokenStatements.find, [.text(tenant.rawValue), .text(id)]) else {
            throw StoreError.unknownToken(id)
        }
        return try row.storedToken()
    }
}

extension SQLValue {
    fileprivate init(_ time: Timestamp?) { self = time.map { .integer($0.microseconds) } ?? .null }
}

extension SQLRow {
    fileprivate func storedToken() throws -> StoredToken {
        StoredToken(
            id: try text(0), tenant: TenantID(try text(1)), name: try text(2),
            // A scope of a later version allows nothing here.
            scopes: Set(try text(3).split(separator: " ").compactMap { TokenScope(rawValue: String($0)) }),
            createdAt: Timestamp(microseconds: try integer(4)),
            expiresAt: try isNull(5) ? nil : Timestamp(microseconds: try integer(5)),
            revokedAt: try isNull(6) ? nil : Timestamp(microseconds: try integer(6)))
    }
}
