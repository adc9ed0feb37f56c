import Builds
import Crypto
import Foundation

/// A sign-in that has begun here and goes on at the issuer. It travels in a sealed cookie, so any server with the same session key
/// can finish it and nothing is kept.
struct PendingSignIn: Codable, Hashable, Sendable {
    static let cookieName = "inframind_sign_in"
    /// Long enough for a password, a second factor and a phone call about it.
    static let lifetimeSeconds = 600.0

    /// Comes back in the address: what was begun in another browser is not finished in this one.
    let state: String
    /// Comes back in the ID token.
    let nonce: String
    /// Shown with the code: who has only the code has nothing (RFC 7636).
    let verifier: String
    /// Where they wanted to go.
    let next: String?
    let expiresAt: Int64

    init(next: String?, now: Timestamp) {
        state = Base64URL.random(bytes: 32)
        nonce = Base64URL.random(bytes: 32)
        verifier = Base64URL.random(bytes: 32)
        self.next = next
        expiresAt = now.advanced(bySeconds: Self.lifetimeSeconds).microseconds
    }

    var challenge: String { Base64URL.text(SHA256.hash(data: Data(verifier.utf8))) }

    func isOver(at now: Timestamp) -> Bool { Timestamp(microseconds: expiresAt) <= now }
}
