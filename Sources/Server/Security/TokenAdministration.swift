import Builds
import Foundation
import Storage

/// Makes and ends tokens, and records who did it: for `/tokens` and for the dashboard.
struct TokenAdministration: Sendable {
    let store: any TokenStore
    let directory: TokenDirectory
    let audit: AuditLog

    /// A new token of the caller's tenant.
    ///
    /// - Returns: the token, and its secret, which is kept nowhere.
    func create(
        _ wanted: (name: String, scopes: Set<TokenScope>, expiresInSeconds: Double?), by caller: Caller
    ) async throws -> (token: StoredToken, secret: TokenSecret) {
        let now = audit.clock.now()
        let token = StoredToken(
            id: Self.newID(), tenant: caller.tenant, name: wanted.name, scopes: wanted.scopes, createdAt: now,
            expiresAt: wanted.expiresInSeconds.map { now.advanced(bySeconds: $0) })
        let secret = TokenSecret()
        let entry = audit.entry("token.create", token.id, by: caller)
        try await store.create(token, digest: secret.digest, audit: entry)
        audit.tell(entry, caller.tenant)
        return (token, secret)
    }

    /// - Throws: `StoreError.unknownToken`.
    func revoke(_ id: String, by caller: Caller) async throws {
        let entry = audit.entry("token.revoke", id, by: caller)
        try await store.revokeToken(id, audit: entry, tenant: caller.tenant)
        audit.tell(entry, caller.tenant)
        directory.forgetAll()
    }

    /// Short enough to read out, long enough never to meet another.
    static func newID() -> String { "tok_" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(16) }
}
