/// For somebody whom the issuer knows, and who may see nothing here: what is missing, and who can change it.
struct NoAccessPage: Sendable {
    /// Of long lists; somebody in hundreds of groups does not read them all.
    private static let mostShown = 50

    let person: Person
    let settings: OpenIDSettings

    var body: HTML {
        """
        <h1>No access</h1>
        <div class="note bad" role="alert"><p>\(settings.name) says you are \(person.name), but none of your groups may look at
        anything here.</p></div>
        <section class="panel"><h2>What would help</h2>
        <p>Ask whoever looks after groups at \(settings.name) for one of these:</p>
        \(Self.list(settings.roles.map { "\($0.group): \($0.grant.scope.rawValue), tenant \($0.grant.tenant)" }))
        </section>
        <section class="panel"><h2>Your groups</h2>\(own)</section>
        <p><a class="button" href="/ui/sign-in">Sign in another way</a></p>
        """
    }

    private var own: HTML {
        guard let groups = person.groups else {
            return """
                <p>\(settings.name) told of none: there was no claim “\(settings.groupsClaim)”. Whoever runs this server can have it
                sent, or name another with <code>oidc-groups-claim</code> or <code>oidc-scopes</code>.</p>
                """
        }
        guard !groups.isEmpty else { return "<p>You are in none, as \(settings.name) says.</p>" }
        return Self.list(groups)
    }

    private static func list(_ words: [String]) -> HTML {
        let items: [HTML] = words.prefix(mostShown).map { "<li>\($0)</li>" }
        let more: HTML? = words.count > mostShown ? "<li>and \(String(words.count - mostShown)) more</li>" : nil
        return "<ul>\(items)\(more)</ul>"
    }
}
