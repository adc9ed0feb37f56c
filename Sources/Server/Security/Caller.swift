import Builds

/// Who sends a request, as its token says.
struct Caller: Hashable, Sendable {
    var tenant: TenantID
    var scopes: Set<TokenScope>
    /// Id of the token, for the audit log.
    var actor: String

    func may(_ scope: TokenScope) -> Bool { scopes.contains { $0.includes(scope) } }
}
