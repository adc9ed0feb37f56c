import Crypto
import Foundation

/// Makes texts that only servers with the same keys can read, and that nobody can change (ChaCha20-Poly1305).
struct Seal: Sendable {
    /// A cookie has 4,096 bytes; beyond twice that it is none of ours, and is not looked at.
    private static let mostBytes = 8192

    private let keys: @Sendable () -> SessionKeys
    private let purpose: String

    /// - Parameters:
    ///   - keys: those of now: the first seals, and each opens what it once sealed.
    ///   - purpose: a text sealed for one purpose is none for another.
    init(_ keys: @escaping @Sendable () -> SessionKeys, purpose: String) {
        self.keys = keys
        self.purpose = purpose
    }

    func close(_ content: Data) throws -> String {
        Base64URL.text(try ChaChaPoly.seal(content, using: keys().sealing(for: purpose)).combined)
    }

    func close(_ content: some Encodable) throws -> String { try close(JSONEncoder().encode(content)) }

    /// `nil` for what was not sealed so.
    func open(_ text: String) -> Data? {
        guard text.utf8.count <= Self.mostBytes, let sealed = Base64URL.bytes(text),
            let box = try? ChaChaPoly.SealedBox(combined: sealed)
        else { return nil }
        return keys().all(for: purpose).lazy.compactMap { try? ChaChaPoly.open(box, using: $0) }.first
    }

    func open<Content: Decodable>(_ text: String, as _: Content.Type) -> Content? {
        open(text).flatMap { try? JSONDecoder().decode(Content.self, from: $0) }
    }
}
