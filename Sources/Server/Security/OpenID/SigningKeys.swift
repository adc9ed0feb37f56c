import Foundation
import JWTKit

/// The keys an issuer signs with, as it publishes them (RFC 7517).
struct SigningKeys: Decodable, Sendable {
    /// Why a token is not signed by one of them.
    enum Refusal: Error, Hashable, Sendable {
        /// It is signed by none of these: by nobody who counts, or by one that is newer than they are.
        case unknownKey
        case other(String)
    }

    /// What we take: signatures that who can check them cannot make. `none` and HMAC, whose key would be public here, are not
    /// among them.
    static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ]
    /// More would be a way to keep us busy.
    private static let mostKeys = 64
    /// 2,048 bits in base64.
    private static let shortestModulus = 342

    let keys: [JWK]

    private enum CodingKeys: CodingKey {
        case keys
    }

    init(from decoder: any Decoder) throws {
        let entries = try decoder.container(keyedBy: CodingKeys.self).decode([Entry].self, forKey: .keys)
        keys = entries.prefix(Self.mostKeys).compactMap(\.key)
    }

    /// One of the set; `nil` for one of a kind that is not known here, which is no reason to do without the others.
    private struct Entry: Decodable {
        let key: JWK?

        private enum CodingKeys: CodingKey {
            case use
        }

        init(from decoder: any Decoder) throws {
            let use = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .use)
            key = use ?? "sig" == "sig" ? try? JWK(from: decoder) : nil
        }
    }

    /// What a token says whose signature is by one of these.
    ///
    /// - Parameter offered: algorithms the issuer says it signs with.
    func verified(_ token: String, offered: Set<String>) async throws(Refusal) -> IDToken {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.bytes(parts[0]),
            let header = try? JSONDecoder().decode(JWTHeader.self, from: bytes), let algorithm = header.alg
        else { throw .other("it is no signed token") }
        guard Self.algorithms.contains(algorithm), offered.contains(algorithm) else {
            throw .other("its algorithm is none of those that count")
        }
        guard header.fields["crit"] == nil else { throw .other("it asks for what is not known here (crit)") }
        let named = header.kid.map { kid in keys.filter { $0.keyIdentifier?.string == kid } } ?? keys
        for key in named where Self.suits(key, algorithm) {
            if let found = try? await Self.verified(token, by: key, algorithm) { return found }
        }
        throw .unknownKey
    }

    private static func suits(_ key: JWK, _ algorithm: String) -> Bool {
        guard key.algorithm == nil || key.algorithm?.rawValue == algorithm else { return false }
        return switch algorithm.prefix(2) {
        case "RS", "PS": key.keyType == .rsa && (key.modulus?.utf8.count ?? 0) >= shortestModulus
        case "ES": key.keyType == .ecdsa
        default: key.keyType == .octetKeyPair
        }
    }

    private static func verified(_ token: String, by key: JWK, _ algorithm: String) async throws -> IDToken {
        var key = key
        // A collection of this one key under the token's algorithm: one that is kept would hold a key without an algorithm to
        // that of the first token it sees.
        key.algorithm = JWK.Algorithm(rawValue: algorithm)
        key.privateExponent = nil
        if key.keyIdentifier == nil { key.keyIdentifier = "only" }
        return try await JWTKeyCollection().add(jwk: key).verify(token)
    }
}
