import Builds

/// What people of a group may do: `GROUP=SCOPE`, or `GROUP=SCOPE@TENANT`.
///
/// A `*` in the group stands for any characters; as the tenant it stands for what it stood for there. So one line is enough for
/// hundreds of teams: `ci-*=operate@*` lets `ci-payments` operate the tenant `payments`.
struct GroupRole: Hashable, Sendable, CustomStringConvertible {
    /// What people may do who have it.
    struct Grant: Hashable, Sendable {
        /// `*` for what the group's star stood for.
        var tenant: String
        var scope: TokenScope
    }

    /// As it is configured.
    let group: String
    let grant: Grant

    var description: String { "\(group)=\(grant.scope.rawValue)@\(grant.tenant)" }

    /// What stands for what a group's name holds in its place.
    private static let star: Character = "*"

    /// - Throws: ``ConfigurationError`` naming `key`.
    init(_ text: String, key: String) throws(ConfigurationError) {
        // The last one: names of groups in a directory have some of their own.
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
            throw ConfigurationError(key: key, "'\(text)' is no GROUP=SCOPE or GROUP=SCOPE@TENANT")
        }
        group = String(text[..<equals])
        let stars = group.count { $0 == Self.star }
        grant = try Self.grant(String(text[text.index(after: equals)...]), key: key, mayHaveStar: stars == 1)
        guard stars <= 1 else { throw ConfigurationError(key: key, "'\(group)' has more than one '*'") }
    }

    /// - Parameter text: `SCOPE` or `SCOPE@TENANT`.
    static func grant(_ text: String, key: String, mayHaveStar: Bool) throws(ConfigurationError) -> Grant {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        // `ingest` is for CI jobs: nobody looks at pages with it.
        guard let scope = TokenScope(rawValue: String(parts[0])), scope.includes(.read) else {
            throw ConfigurationError(key: key, "people may read, operate or admin, not '\(parts[0])'")
        }
        let tenant = parts.count == 2 ? String(parts[1]) : TenantID.default.rawValue
        guard AccessTokens.isName(tenant) || (mayHaveStar && tenant == String(star)) else {
            throw ConfigurationError(
                key: key,
                tenant == String(star)
                    ? "the tenant '*' needs one '*' in the name of the group"
                    : "a tenant is 1 to 64 letters, digits, '-', '_' or '.', not '\(tenant)'")
        }
        return Grant(tenant: tenant, scope: scope)
    }

    /// The tenant that people of the group `name` have to do with; `nil` when this says nothing about them.
    func tenant(for name: String) -> TenantID? {
        guard let place = group.firstIndex(of: Self.star) else {
            return name == group ? TenantID(grant.tenant) : nil
        }
        let (before, after) = (group[..<place], group[group.index(after: place)...])
        guard name.hasPrefix(before), name.hasSuffix(after), name.count > before.count + after.count else { return nil }
        let between = String(name.dropFirst(before.count).dropLast(after.count))
        guard grant.tenant == String(Self.star) else { return TenantID(grant.tenant) }
        return AccessTokens.isName(between) ? TenantID(between) : nil
    }
}
