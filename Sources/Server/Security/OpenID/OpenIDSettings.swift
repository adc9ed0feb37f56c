import Builds
import Foundation
import Notifications

/// The issuer whose word about people counts, and what they may do here.
struct OpenIDSettings: Sendable {
    /// As it writes itself in its tokens, to the last slash.
    var issuer: String
    var clientID: String
    /// `nil`: a public client, which PKCE alone protects.
    var clientSecret: Secret?
    /// What people call it: "Sign in with …".
    var name: String
    /// Where people reach this server, without a slash at its end.
    var publicURL: String
    /// What is asked of the issuer.
    var scopes = Self.usualScopes
    /// The claim that names a person's groups.
    var groupsClaim = "groups"
    var roles: [GroupRole] = []
    /// What everybody may do whom the issuer knows; `nil`: nothing.
    var everybody: GroupRole.Grant?
    /// How long a session lasts.
    var sessionSeconds = Sessions.lifetimeSeconds
    /// PEM file of who signed the issuer's certificate, where that is none the system trusts.
    var authority: String?
    var timing = Timing()

    static let usualScopes = "openid profile email"
    static let callbackPath = "/ui/sign-in/oidc/callback"

    /// How patient the server is with the issuer.
    struct Timing: Hashable, Sendable {
        /// For one exchange. A sign-in is two or three, which are to fit into the time that a request may take.
        var exchangeSeconds = 3.0
        /// What it publishes of itself is asked for again after this.
        var freshness = Duration.seconds(3600)
        /// Its keys are asked for again no sooner than this when none of them signed a token, so that made-up tokens cannot
        /// make us ask.
        var keysAtMostEvery = Duration.seconds(30)
        /// After it failed to answer it is left alone for so long.
        var pause = Duration.seconds(5)
    }

    var redirectURI: String { publicURL + Self.callbackPath }

    /// What the far side may do: only what is encrypted, or does not leave this machine as the issuer's own address does not.
    func mayReach(_ url: String) -> Bool {
        guard let address = try? DestinationAddress(url) else { return false }
        return address.isEncrypted || (address.isLoopback && issuer.hasPrefix("http://"))
    }

    /// Another one when it is another issuer, or says something else about who may what.
    var fingerprint: String {
        let everybody = everybody.map { "\($0.scope.rawValue)@\($0.tenant)" } ?? ""
        let parts = [issuer, clientID, groupsClaim, everybody] + roles.map(\.description)
        return EmbeddedFile.digest(of: Data(parts.joined(separator: "\n").utf8))
    }

    /// What somebody in these groups may do, tenant by tenant: of several roles the one that may most.
    func grants(to groups: [String]) -> [TenantID: TokenScope] {
        var grants: [TenantID: TokenScope] = [:]
        func add(_ scope: TokenScope, _ tenant: TenantID) {
            guard let known = grants[tenant], !scope.includes(known) else { return grants[tenant] = scope }
        }
        if let everybody { add(everybody.scope, TenantID(everybody.tenant)) }
        for group in groups {
            for role in roles {
                if let tenant = role.tenant(for: group) { add(role.grant.scope, tenant) }
            }
        }
        return grants
    }
}
