import Builds
import Foundation
import Notifications
import ServiceLifecycle

/// Who says who somebody is: an OpenID Connect provider, asked by the authorization code flow with PKCE.
///
/// It is not needed to start: what it publishes of itself is asked for when somebody signs in.
final class Issuer: Service {
    /// What an issuer publishes or answers is a few kilobytes; one with many keys, a few more.
    private static let mostBytes = 262_144

    let settings: OpenIDSettings
    private let clock: WallClock
    private let client: BoundedClient
    private let metadata: Kept<Metadata>
    private let keys: Kept<SigningKeys>

    init(_ settings: OpenIDSettings, clock: WallClock) {
        self.settings = settings
        self.clock = clock
        let seconds = settings.timing.exchangeSeconds
        let client = BoundedClient(connectSeconds: seconds, totalSeconds: seconds, authority: settings.authority)
        self.client = client
        let metadata = Kept(pause: settings.timing.pause) { try await Self.metadata(settings, client) }
        self.metadata = metadata
        keys = Kept(pause: settings.timing.pause) {
            let place = try await metadata.value(atMost: settings.timing.freshness).jwks_uri
            return try await Self.get(SigningKeys.self, BoundedClient.Request(url: place), client, "keys")
        }
    }

    /// Keeps its connections until the server stops.
    func run() async throws {
        try? await gracefulShutdown()
        await client.shutdown()
    }

    /// Where the browser goes to sign in.
    func address(for pending: PendingSignIn) async throws(SignOnFailure) -> String {
        let place = try await known().authorization_endpoint
        let query = Link(
            "",
            [
                "response_type": "code", "client_id": settings.clientID, "redirect_uri": settings.redirectURI,
                "scope": settings.scopes, "state": pending.state, "nonce": pending.nonce,
                "code_challenge": pending.challenge, "code_challenge_method": "S256",
            ]
        ).text.dropFirst()
        return place + (place.contains("?") ? "&" : "?") + query
    }

    /// Who signed in, for the code the browser brought back.
    func person(code: String, _ pending: PendingSignIn) async throws(SignOnFailure) -> Person {
        let metadata = try await known()
        let answer = try await redeem(code, pending, metadata)
        let token = try await verified(answer.id_token, metadata)
        try token.check(settings, nonce: pending.nonce, now: clock.now())
        var claims = token.claims
        var groups = IDToken.groups(settings.groupsClaim, in: claims)
        // Many issuers keep tokens small, and tell of groups only who asks.
        if groups == nil, !settings.roles.isEmpty,
            let place = metadata.userinfo_endpoint, settings.mayReach(place), let access = answer.access_token
        {
            let request = BoundedClient.Request(
                url: place, headers: [("Authorization", "Bearer \(access)"), ("Accept", "application/json")])
            let said = try await asked([String: JSONValue].self, request, "userinfo")
            // Of somebody else it would be their groups.
            guard said["sub"]?.stringValue == token.subject else { throw .unbelievable("userinfo is of another (sub)") }
            groups = IDToken.groups(settings.groupsClaim, in: said)
            claims.merge(said) { own, _ in own }
        }
        return Person(claims, subject: token.subject, groups: groups)
    }

    // MARK: - What it publishes

    /// Names are those of OpenID Connect Discovery 1.0.
    private struct Metadata: Decodable, Sendable {
        var issuer: String
        var authorization_endpoint: String
        var token_endpoint: String
        var jwks_uri: String
        var userinfo_endpoint: String?
        var id_token_signing_alg_values_supported: [String]?
        var token_endpoint_auth_methods_supported: [String]?
    }

    private static func metadata(_ settings: OpenIDSettings, _ client: BoundedClient) async throws -> Metadata {
        var place = settings.issuer
        while place.hasSuffix("/") { place.removeLast() }
        let request = BoundedClient.Request(url: place + "/.well-known/openid-configuration")
        let metadata = try await get(Metadata.self, request, client, "configuration")
        guard metadata.issuer == settings.issuer else {
            throw SignOnFailure.away(
                "it calls itself '\(PlainText.cleaned(metadata.issuer, atMost: 200))', which oidc-issuer must be exactly"
            )
        }
        for place in [metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri] {
            guard settings.mayReach(place) else { throw SignOnFailure.away("an address it publishes is not https") }
        }
        return metadata
    }

    private func known() async throws(SignOnFailure) -> Metadata {
        do {
            return try await metadata.value(atMost: settings.timing.freshness)
        } catch {
            throw Self.failure(error)
        }
    }

    private func signingKeys(atMost age: Duration) async throws(SignOnFailure) -> SigningKeys {
        do {
            return try await keys.value(atMost: age)
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ error: any Error) -> SignOnFailure {
        error as? SignOnFailure ?? .away(BoundedClient.reason(error))
    }

    // MARK: - The code, and what it is worth

    private struct TokenAnswer: Decodable, Sendable {
        var id_token: String
        var access_token: String?
    }

    private func redeem(
        _ code: String, _ pending: PendingSignIn, _ metadata: Metadata
    ) async throws(SignOnFailure) -> TokenAnswer {
        var form: [(String, String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURI),
            ("code_verifier", pending.verifier),
        ]
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        let methods = metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
        if let secret = settings.clientSecret?.value, methods.contains("client_secret_basic") {
            // Encoded as in a form first (RFC 6749, section 2.3.1).
            let pair = "\(Link.encoded(settings.clientID)):\(Link.encoded(secret))"
            headers.append(("Authorization", "Basic \(Data(pair.utf8).base64EncodedString())"))
        } else {
            form.append(("client_id", settings.clientID))
            if let secret = settings.clientSecret?.value { form.append(("client_secret", secret)) }
        }
        let body = form.map { "\($0.0)=\(Link.encoded($0.1))" }.joined(separator: "&")
        return try await asked(
            TokenAnswer.self,
            BoundedClient.Request(url: metadata.token_endpoint, headers: headers, body: Array(body.utf8)), "token")
    }

    private func verified(_ token: String, _ metadata: Metadata) async throws(SignOnFailure) -> IDToken {
        let offered = metadata.id_token_signing_alg_values_supported.map(Set.init) ?? SigningKeys.algorithms
        do {
            return try await signingKeys(atMost: settings.timing.freshness).verified(token, offered: offered)
        } catch let error as SigningKeys.Refusal {
            guard error == .unknownKey else { throw Self.unbelievable(error) }
        } catch {
            throw Self.failure(error)
        }
        // Keys are replaced now and then.
        let newer = try await signingKeys(atMost: settings.timing.keysAtMostEvery)
        do {
            return try await newer.verified(token, offered: offered)
        } catch {
            throw Self.unbelievable(error)
        }
    }

    private static func unbelievable(_ refusal: SigningKeys.Refusal) -> SignOnFailure {
        switch refusal {
        case .unknownKey: .unbelievable("no key of the issuer signed it")
        case .other(let reason): .unbelievable(reason)
        }
    }

    // MARK: - Exchanges

    private func asked<Value: Decodable & Sendable>(
        _ type: Value.Type, _ request: BoundedClient.Request, _ what: String
    ) async throws(SignOnFailure) -> Value {
        do {
            return try await Self.get(type, request, client, what)
        } catch {
            throw Self.failure(error)
        }
    }

    private struct ErrorAnswer: Decodable {
        var error: String
    }

    private static func get<Value: Decodable & Sendable>(
        _ type: Value.Type, _ request: BoundedClient.Request, _ client: BoundedClient, _ what: String
    ) async throws -> Value {
        let answer = try await client.exchange(request, atMost: mostBytes)
        guard !answer.isCut else { throw SignOnFailure.away("its answer (\(what)) is larger than \(mostBytes) bytes") }
        let body = Data(answer.body)
        guard answer.status == 200 else {
            // A word of OAuth's, as `invalid_client`. Longer texts may repeat what was sent.
            let word = (try? JSONDecoder().decode(ErrorAnswer.self, from: body))?.error ?? ""
            let reason = "HTTP \(answer.status) (\(what)) \(PlainText.cleaned(word, atMost: 60))"
            throw (400..<500).contains(answer.status) && request.body != nil
                ? SignOnFailure.refused(reason) : SignOnFailure.away(reason)
        }
        guard let value = try? JSONDecoder().decode(type, from: body) else {
            throw SignOnFailure.away("its answer (\(what)) is none that OpenID Connect has")
        }
        return value
    }
}
