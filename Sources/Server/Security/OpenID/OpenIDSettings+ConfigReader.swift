import Foundation
import NIOSSL
import Notifications

extension OpenIDSettings {
    /// Reads how people sign in with their company's identity; `nil` when they do not.
    ///
    /// | key | type | default |
    /// | --- | --- | --- |
    /// | `oidc-issuer` | `https` URL, as the issuer writes itself | none: by token alone |
    /// | `oidc-client-id` | string | must be set |
    /// | `oidc-client-secret` or `oidc-client-secret-file` | string, secret | none: a public client |
    /// | `oidc-name` | string of at most 64 characters | the issuer's host |
    /// | `oidc-scopes` | words with spaces between, `openid` among them | `openid profile email` |
    /// | `oidc-groups-claim` | name of a claim, or a path to it with dots | `groups` |
    /// | `oidc-roles` | list of `GROUP=SCOPE` or `GROUP=SCOPE@TENANT`, see ``GroupRole`` | none |
    /// | `oidc-default-scope` | `SCOPE` or `SCOPE@TENANT` | none |
    /// | `oidc-session-seconds` | seconds, 300 to 43200 | 43200 |
    /// | `oidc-ca-file` | PEM file | those the system trusts alone |
    ///
    /// - Parameter publicURL: the issuer sends people back there.
    /// - Throws: ``ConfigurationError`` naming the key; it never repeats the secret.
    static func read(
        _ values: ConfigurationValues, publicURL: String?
    ) throws(ConfigurationError) -> OpenIDSettings? {
        let issuer = try values.string("oidc-issuer")
        let clientID = try values.string("oidc-client-id")
        let secret = try values.secret("oidc-client-secret")
        guard let issuer else {
            // Half a configuration would leave people before a page that does not offer what was meant to be there.
            if clientID != nil || secret != nil { throw ConfigurationError(key: "oidc-issuer", "must be set, too") }
            return nil
        }
        let host = try host(of: issuer)
        guard let clientID else { throw ConfigurationError(key: "oidc-client-id", "must be set, too") }
        guard let publicURL else {
            throw ConfigurationError(key: "public-url", "must be set, too: the issuer sends people back there")
        }
        var settings = OpenIDSettings(
            issuer: issuer, clientID: clientID, clientSecret: secret.map(Secret.init),
            name: try values.string("oidc-name") ?? host, publicURL: publicURL)
        guard settings.name.count <= 64 else {
            throw ConfigurationError(key: "oidc-name", "must have at most 64 characters")
        }
        settings.scopes = try values.string("oidc-scopes") ?? settings.scopes
        guard settings.scopes.split(separator: " ").contains("openid") else {
            throw ConfigurationError(key: "oidc-scopes", "must have openid among them")
        }
        settings.groupsClaim = try values.string("oidc-groups-claim") ?? settings.groupsClaim
        for entry in try values.list("oidc-roles") ?? [] {
            settings.roles.append(try GroupRole(entry, key: "oidc-roles"))
        }
        if let text = try values.string("oidc-default-scope") {
            settings.everybody = try GroupRole.grant(text, key: "oidc-default-scope", mayHaveStar: false)
        }
        guard !settings.roles.isEmpty || settings.everybody != nil else {
            throw ConfigurationError(
                key: "oidc-roles", "must be set, or oidc-default-scope: nobody who signs in could see anything")
        }
        settings.sessionSeconds =
            try values.number("oidc-session-seconds", in: 300...Sessions.lifetimeSeconds) ?? settings.sessionSeconds
        if let path = try values.string("oidc-ca-file") {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
                throw ConfigurationError(key: "oidc-ca-file", "'\(path)' cannot be read as PEM certificates")
            }
            settings.authority = path
        }
        return settings
    }

    private static func host(of issuer: String) throws(ConfigurationError) -> String {
        let address: DestinationAddress
        do {
            address = try DestinationAddress(issuer)
        } catch {
            throw ConfigurationError(key: "oidc-issuer", error.description)
        }
        guard address.isEncrypted || address.isLoopback else {
            throw ConfigurationError(
                key: "oidc-issuer", "must begin with https://: who stands between could be anybody")
        }
        guard !issuer.contains("?"), let host = URLComponents(string: issuer)?.host else {
            throw ConfigurationError(key: "oidc-issuer", "must not have a query")
        }
        return host
    }
}
