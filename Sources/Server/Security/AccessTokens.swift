import Builds

/// Which token speaks for which tenant.
struct AccessTokens: Sendable {
    /// The key of an installation nobody has configured. Public knowledge.
    static let developmentKey = "dev-key-change-in-production"

    /// The development key alone, for the default tenant.
    static let development = AccessTokens(unchecked: [(developmentKey, .default)])

    /// Shorter tokens can be guessed over the network.
    private static let fewestBytes = 8

    private var entries: [(digest: [UInt8], tenant: TenantID)]

    private init(unchecked entries: [(token: String, tenant: TenantID)]) {
        self.entries = entries.map { (TokenSecret.digest(of: $0.token), $0.tenant) }
    }

    /// - Parameter list: entries `TOKEN` (the default tenant) or `TENANT=TOKEN`.
    /// - Throws: ``ConfigurationError`` when the list is empty, or an entry is malformed; never repeats a token.
    init(_ list: [String], key: String = "tokens") throws(ConfigurationError) {
        entries = []
        for (index, entry) in list.enumerated() {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let tenant = parts.count == 2 ? TenantID(String(parts[0])) : .default
            let token = String(parts[parts.count - 1])
            guard Self.isName(tenant.rawValue) else {
                throw ConfigurationError(
                    key: key, "entry \(index + 1): a tenant is 1 to 64 letters, digits, '-', '_' or '.'")
            }
            guard token.utf8.count >= Self.fewestBytes, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ConfigurationError(
                    key: key,
                    "entry \(index + 1): a token is at least \(Self.fewestBytes) printable ASCII characters")
            }
            let digest = TokenSecret.digest(of: token)
            guard !entries.contains(where: { $0.digest == digest }) else {
                throw ConfigurationError(key: key, "entry \(index + 1): the same token stands there twice")
            }
            entries.append((digest, tenant))
        }
        if entries.isEmpty { throw ConfigurationError(key: key, "must not be empty") }
    }

    /// - Throws: ``ConfigurationError`` when the file cannot be read, and as ``init(_:)``.
    init(file: SecretFile) throws(ConfigurationError) {
        try self.init(try file.lines(key: "tokens-file"), key: "tokens-file")
    }

    /// Whether a tenant may be called so.
    static func isName(_ name: String) -> Bool {
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

    /// Who presents `token`; `nil` when it is not one of these. They may do everything within their tenant.
    func caller(presenting token: String) -> Caller? { caller(digest: TokenSecret.digest(of: token)) }

    /// Who presents the token with this digest.
    func caller(digest: [UInt8]) -> Caller? {
        tenant(digest: digest).map { Caller(tenant: $0, scopes: [.admin, .ingest], actor: "configured") }
    }

    /// The tenant a token speaks for; `nil` when it is not known. Compares digests, all of them and to their ends: the time
    /// it takes says nothing about how much of a token was right, nor how long a right one is.
    func tenant(of token: String) -> TenantID? { tenant(digest: TokenSecret.digest(of: token)) }

    private func tenant(digest given: [UInt8]) -> TenantID? {
        var found: TenantID?
        for entry in entries where Self.areEqual(entry.digest, given) { found = entry.tenant }
        return found
    }

    /// Takes a time that says nothing about where they differ.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var difference: UInt8 = 0
        for (one, other) in zip(a, b) { difference |= one ^ other }
        return difference == 0 && a.count == b.count
    }
}
