import Builds

/// After signing in with the issuer: whose builds to look at, for who may look at those of several tenants.
struct TenantChoicePage: Sendable {
    let name: String
    /// With what the button of each sends.
    let choices: [(person: AdmittedPerson, ticket: String)]

    /// More would be a page of hundreds of kilobytes; a ticket has some 300 bytes.
    private static let most = 200

    private var omission: HTML? {
        guard choices.count > Self.most else { return nil }
        return """
            <p class="quiet">The first \(Self.most) of \(choices.count) tenants, by name. For another one sign in with a token of it, or ask
            for groups of fewer tenants.</p>
            """
    }

    var body: HTML {
        """
        <h1>Which tenant?</h1>
        <p class="lead">You are signed in as \(name), and may look at the builds of several tenants. To change, sign in again.</p>
        <form method="post" action="/ui/sign-in/oidc/tenant" class="panel">
        \(choices.prefix(Self.most).map { choice -> HTML in
            """
            <p><button name="choice" value="\(choice.ticket)">\(choice.person.tenant.rawValue)</button> \
            <span class="quiet">\(choice.person.scope.rawValue)</span></p>

            """
        })\(omission)</form>
        """
    }
}
