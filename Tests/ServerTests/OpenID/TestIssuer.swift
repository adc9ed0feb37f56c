import Builds
import Foundation
import JWTKit
import Scaffolding
import Synchronization
import Testing

@testable import Server

/// An OpenID Connect provider on loopback that signs with keys of its own, and can be told to do wrong.
final class TestIssuer: Sendable {
    static let clientID = "inframind-tests"
    static let secret = "issuer-secret"

    /// A key, and the name it is published under.
    struct Key: Sendable {
        let kid: String
        let key = ES256PrivateKey()

        var published: JSONValue {
            func url(_ text: String?) -> JSONValue {
                .string(Base64URL.text(Data(base64Encoded: text ?? "") ?? Data()))
            }
            return .object([
                "kty": "EC", "crv": "P-256", "use": "sig", "kid": .string(kid), "x": url(key.parameters?.x),
                "y": url(key.parameters?.y),
            ])
        }
    }

    private struct State {
        var keys: [Key]
        /// Tokens by the code they are given for.
        var tokens: [String: (token: String, challenge: String)] = [:]
        var answers: [String: LoopbackServer.Answer] = [:]
    }

    let key = Key(kid: "first")
    private let state: Mutex<State>
    private let server = Mutex<LoopbackServer?>(nil)
    let url: String

    init() throws {
        let key = key
        state = Mutex(State(keys: [key]))
        let relay = Relay()
        let server = try LoopbackServer { relay.answer($0) }
        url = server.url
        self.server.withLock { $0 = server }
        relay.issuer.withLock { $0 = self }
    }

    /// Stands between a server that is there first and the issuer that answers for it.
    private final class Relay: Sendable {
        let issuer = Mutex<TestIssuer?>(nil)
        func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Answer {
            issuer.withLock { $0 }?.answer(request) ?? .silence
        }
    }

    func stop() { server.withLock { $0 }?.stop() }

    /// Requests for `path` so far.
    func count(_ path: String) -> Int {
        server.withLock { $0 }?.requests.count { $0.path == path } ?? 0
    }

    /// Answers so from now on where it would do right.
    func answer(_ path: String, _ answer: LoopbackServer.Answer?) { state.withLock { $0.answers[path] = answer } }

    func publish(_ keys: [Key]) { state.withLock { $0.keys = keys } }

    static func json(_ value: JSONValue) -> String {
        String(decoding: (try? JSONEncoder().encode(value)) ?? Data(), as: UTF8.self)
    }

    private func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Answer {
        if let answer = state.withLock({ $0.answers[request.path] }) { return answer }
        switch request.path {
        case "/.well-known/openid-configuration": return .json(200, Self.json(.object(metadata)))
        case "/keys":
            // A key of a kind nobody here knows is no reason to do without the others.
            let foreign: JSONValue = .object(["kty": "oct", "kid": "x", "alg": "HS256"])
            let keys = state.withLock { $0.keys.map(\.published) }
            return .json(200, Self.json(.object(["keys": .array([foreign] + keys)])))
        case "/token": return redeem(FormFields(encoded: request.body), authorization: request.headers["authorization"])
        case "/userinfo": return .json(200, #"{"sub":"248289761001"}"#)
        default: return .json(404, "{}")
        }
    }

    var metadata: [String: JSONValue] {
        [
            "issuer": .string(url), "authorization_endpoint": .string("\(url)/authorize?ui=1"),
            "token_endpoint": .string("\(url)/token"), "jwks_uri": .string("\(url)/keys"),
            "userinfo_endpoint": .string("\(url)/userinfo"),
            "id_token_signing_alg_values_supported": .array(["ES256", "HS256", "none"]),
        ]
    }

    /// A code is good once, for who has the verifier and knows the secret.
    private func redeem(_ form: FormFields, authorization: String?) -> LoopbackServer.Answer {
        let known = state.withLock { $0.tokens.removeValue(forKey: form["code"] ?? "") }
        let pair = Data("\(Self.clientID):\(Self.secret)".utf8).base64EncodedString()
        guard let known, authorization == "Basic \(pair)", form["grant_type"] == "authorization_code",
            form["redirect_uri"] == "http://inframind.test/ui/sign-in/oidc/callback",
            Self.challenge(form["code_verifier"] ?? "") == known.challenge
        else { return .json(400, #"{"error":"invalid_grant"}"#) }
        return .json(200, Self.json(.object(["id_token": .string(known.token), "access_token": "access"])))
    }

    private static func challenge(_ verifier: String) -> String { Base64URL.text(TokenSecret.digest(of: verifier)) }

    /// What an ID token says that is as it should be.
    func claims(nonce: String, at now: Timestamp) -> [String: JSONValue] {
        [
            "iss": .string(url), "aud": .string(Self.clientID), "sub": "248289761001", "nonce": .string(nonce),
            "iat": .number(now.seconds.rounded()), "exp": .number(now.seconds.rounded() + 300),
            "email": "jane@example.org", "groups": ["ci-payments"],
        ]
    }

    /// Signs a token as `key` says.
    static func signed(_ claims: [String: JSONValue], by key: Key) async throws -> String {
        try await JWTKeyCollection().add(ecdsa: key.key, kid: JWKIdentifier(string: key.kid))
            .sign(IDToken(claims: claims), kid: JWKIdentifier(string: key.kid))
    }

    /// What somebody does who signs in: takes the address the browser was sent to.
    ///
    /// - Parameter token: makes the ID token of the claims that would be right.
    /// - Returns: where the browser is sent back to, without the host.
    func signIn(
        _ address: String, at now: Timestamp, token: ([String: JSONValue]) async throws -> String
    ) async throws -> String {
        let parts = try #require(URLComponents(string: address))
        #expect(address.hasPrefix("\(url)/authorize?ui=1&"))
        let query = FormFields(encoded: parts.percentEncodedQuery ?? "")
        #expect(query["response_type"] == "code" && query["client_id"] == Self.clientID)
        #expect(query["code_challenge_method"] == "S256" && query["scope"] == "openid profile email")
        let code = UUID().uuidString
        let made = try await token(claims(nonce: query["nonce"] ?? "", at: now))
        state.withLock { $0.tokens[code] = (made, query["code_challenge"] ?? "") }
        return "/ui/sign-in/oidc/callback?code=\(code)&state=\(query["state"] ?? "")"
    }
}
