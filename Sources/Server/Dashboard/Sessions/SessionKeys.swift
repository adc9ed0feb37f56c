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

    private let keys: [SymmetricKey]

    /// A key of this process, so that sessions end with it.
    init() { keys = [SymmetricKey(size: .bits256)] }

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
        keys = secrets.map { secret in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)), info: Data("inframind session".utf8),
                outputByteCount: 32)
        }
    }

    func seal(_ content: Data) throws -> Data { try ChaChaPoly.seal(content, using: keys[0]).combined }

    /// `nil` for what none of the keys has sealed, and for what was changed since.
    func open(_ sealed: Data) -> Data? {
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed) else { return nil }
        return keys.lazy.compactMap { try? ChaChaPoly.open(box, using: $0) }.first
    }
}
