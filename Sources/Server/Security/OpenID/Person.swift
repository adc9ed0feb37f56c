import Builds
import Notifications

/// Who signed in with the issuer, and what it says of them.
struct Person: Hashable, Sendable {
    /// What they are called; the issuer may let people choose it.
    let name: String
    /// For the audit log: the name, and what the issuer knows them by, which nobody chooses.
    let actor: String
    /// `nil` when it says nothing of groups.
    let groups: [String]?

    /// More is nobody's, and would make pages that nobody reads.
    private static let mostGroups = 2000
    private static let mostCharacters = 100

    /// - Parameters:
    ///   - claims: of the ID token, and what else the issuer said.
    ///   - groups: `nil` when it says nothing of groups.
    init(_ claims: [String: JSONValue], subject: String, groups: [String]?) {
        let names = ["preferred_username", "email", "name"].compactMap { claims[$0]?.stringValue }
            .map { PlainText.cleaned($0, atMost: Self.mostCharacters) }
        let subject = PlainText.cleaned(subject, atMost: Self.mostCharacters)
        name = names.first { !$0.allSatisfy(\.isWhitespace) } ?? subject
        actor = name == subject ? "person \(subject)" : "person \(name) (\(subject))"
        self.groups = groups.map { Array($0.prefix(Self.mostGroups)) }
    }
}

/// What a person may do in one tenant.
struct AdmittedPerson: Hashable, Sendable, Codable {
    let name: String
    let actor: String
    let tenant: TenantID
    let scope: TokenScope

    var caller: Caller { Caller(tenant: tenant, scopes: [scope], actor: actor) }
}
