import Builds

/// Which token speaks for which tenant.
struct AccessTokens: Sendable {
    /// The key of an installation nobody has configured. Public knowledge.
    static let developmentKey = "dev-key-change-in-production"

    /// The development key alone, for the default tenant.
    static let development = AccessTokens(unchecked: [(Array(developmentKey.utf8), .default)])

    /// Shorter tokens can be guessed over the network.
    private static let fewestBytes = 8

    private var entries: [(token: [UInt8], tenant: TenantID)]

    private init(unchecked entries: [(token: [UInt8], tenant: TenantID)]) { self.entries = entries }

    /// - Parameter list: entries `TOKEN` (the default tenant) or `TENANT=TOKEN`.
    /// - Throws: ``ConfigurationError`` when the list is empty, or an entry is malformed; never repeats a token.
    init(_ list: [String]) throws(ConfigurationError) {
        entries = []
        for (index, entry) in list.enumerated() {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let tenant = parts.count == 2 ? TenantID(String(parts[0])) : .default
            let token = Array(parts[parts.count - 1].utf8)
            guard Self.isName(tenant.rawValue) else {
                throw ConfigurationError(
                    key: "tokens", "entry \(index + 1): a tenant is 1 to 64 letters, digits, '-', '_' or '.'")
            }
            guard token.count >= Self.fewestBytes, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ConfigurationError(
                    key: "tokens",
                    "entry \(index + 1): a token is at least \(Self.fewestBytes) printable ASCII characters")
            }
            guard !entries.contains(where: { $0.token == token }) else {
                throw ConfigurationError(key: "tokens", "entry \(index + 1): the same token stands there twice")
            }
            entries.append((token, tenant))
        }
        if entries.isEmpty { throw ConfigurationError(key: "tokens", "must not be empty") }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "-_.".unicodeScalars.contains($0))
            }
    }

    var containsDevelopmentKey: Bool { tenant(of: Self.developmentKey) != nil }

    /// The tenants that can be spoken for.
    var tenants: Set<TenantID> { Set(entries.map(\.tenant)) }

    /// The tenant a token speaks for; `nil` when it is not known. Takes the same time for every token of a length, so
    /// that it cannot be found out byte by byte.
    func tenant(of token: String) -> TenantID? {
        let given = Array(token.utf8)
        var found: TenantID?
        for entry in entries where Self.areEqual(entry.token, given) { found = entry.tenant }
        return found
    }

    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
