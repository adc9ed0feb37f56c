import Crypto
import Foundation

/// What seals the sessions of the dashboard: the first key does, and every one opens what it once sealed.
///
/// Several, because servers see a replaced file one after the other: a key that all of them know before the first seals
/// with it ends nobody's session.
struct SessionKeys: Sendable {
    /// Shorter ones can be guessed by who holds a cookie.
    private static let fewestBytes = 32
    /// Each request of somebody who is signed in may try them all.
    private static let most = 8

    private let secrets: [SymmetricKey]

    /// A key of this process, so that sessions end with it.
    init() { secrets = [SymmetricKey(size: .bits256)] }

    /// - Parameters:
    ///   - secrets: the same on all servers that answer under one address, the one that seals first.
    ///   - key: what the error names.
    /// - Throws: ``ConfigurationError`` when there is none, there are too many, or one is short; never repeats one.
    init(_ secrets: [String], key: String) throws(ConfigurationError) {
        guard (1...Self.most).contains(secrets.count) else {
            throw ConfigurationError(key: key, "must hold 1 to \(Self.most) secrets, one a line")
        }
        guard secrets.allSatisfy({ $0.utf8.count >= Self.fewestBytes }) else {
            throw ConfigurationError(key: key, "must have at least \(Self.fewestBytes) characters")
        }
        self.secrets = secrets.map { SymmetricKey(data: Data($0.utf8)) }
    }

    /// What seals for `purpose`.
    func sealing(for purpose: String) -> SymmetricKey { Self.derived(secrets[0], purpose) }

    /// What may have sealed for `purpose`, the newest first.
    func all(for purpose: String) -> [SymmetricKey] { secrets.map { Self.derived($0, purpose) } }

    private static func derived(_ secret: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: secret, info: Data(purpose.utf8), outputByteCount: 32)
    }
}
