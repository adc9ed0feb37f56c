/// What the bearer of a token may do within its tenant.
public enum TokenScope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Report builds and ask for recommendations: what a CI job needs.
    case ingest
    /// Look at everything that was kept.
    case read
    /// Choose models and train them. Includes ``read``.
    case operate
    /// Make and revoke tokens. Includes all others.
    case admin

    /// Whether this scope is enough where `needed` is asked for.
    public func includes(_ needed: TokenScope) -> Bool {
        switch self {
        case .admin: true
        case .operate: needed == .operate || needed == .read
        case .ingest, .read: needed == self
        }
    }
}
