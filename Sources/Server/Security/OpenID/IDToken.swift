import Builds
import JWTKit

/// What the issuer says about a person who has just signed in there.
struct IDToken: JWTPayload, Hashable {
    let claims: [String: JSONValue]

    init(claims: [String: JSONValue]) { self.claims = claims }

    init(from decoder: any Decoder) throws {
        claims = try decoder.singleValueContainer().decode([String: JSONValue].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(claims)
    }

    /// Nothing: what must hold depends on who asked for it, and is checked by ``check(_:nonce:now:)``.
    func verify(using algorithm: some JWTAlgorithm) async throws {}

    /// Clocks of two machines are so far apart at most.
    private static let leewaySeconds = 60.0

    var subject: String { text("sub") ?? "" }

    func text(_ name: String) -> String? { claims[name]?.stringValue }

    /// Whether it is from this issuer, for us, for this sign-in, and of now (OpenID Connect Core, section 3.1.3.7).
    func check(_ settings: OpenIDSettings, nonce: String, now: Timestamp) throws(SignOnFailure) {
        func need(_ holds: Bool, _ reason: String) throws(SignOnFailure) {
            if !holds { throw .unbelievable(reason) }
        }
        try need(text("iss") == settings.issuer, "it is from another issuer (iss)")
        let audience: [String] =
            switch claims["aud"] {
            case .string(let one): [one]
            case .array(let several): several.compactMap(\.stringValue)
            default: []
            }
        try need(audience.contains(settings.clientID), "it is for another client (aud)")
        if audience.count > 1 || claims["azp"] != nil {
            try need(text("azp") == settings.clientID, "it was made for another client (azp)")
        }
        try need((1...255).contains(subject.utf8.count), "it names nobody (sub)")
        guard let expiry = claims["exp"]?.numberValue, let issued = claims["iat"]?.numberValue else {
            throw .unbelievable("it does not say when it was made and when it ends (iat, exp)")
        }
        try need(now.seconds < expiry + Self.leewaySeconds, "it is over (exp)")
        try need(issued < now.seconds + Self.leewaySeconds, "it is from the future (iat)")
        let begin = claims["nbf"]?.numberValue ?? issued
        try need(begin < now.seconds + Self.leewaySeconds, "it is not valid yet (nbf)")
        try need(text("nonce") == nonce, "it belongs to another sign-in (nonce)")
    }

    /// The groups a claim names; `nil` when there is no such claim.
    ///
    /// - Parameter name: that of a claim, or names with dots between for one within another, as `realm_access.roles`.
    static func groups(_ name: String, in claims: [String: JSONValue]) -> [String]? {
        // Names of claims may be addresses, with dots of their own.
        var value = claims[name]
        if value == nil {
            value = name.split(separator: ".").reduce(JSONValue.object(claims)) { value, part in
                if case .object(let members) = value { members[String(part)] ?? .null } else { .null }
            }
        }
        switch value {
        case .string(let one): return [one]
        case .array(let several): return several.compactMap(\.stringValue)
        default: return nil
        }
    }
}
