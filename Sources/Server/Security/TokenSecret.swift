import Crypto
import Foundation

/// A token's secret text, `im_` and 256 random bits, as its bearer has it.
struct TokenSecret: Hashable, Sendable {
    let text: String

    private static let prefix = "im_"
    private static let randomBytes = 32

    /// A new one.
    init() {
        text = Self.prefix + Base64URL.random(bytes: Self.randomBytes)
    }

    /// `nil` for anything that cannot be one, which then need not be looked up.
    init?(_ text: String) {
        // 32 bytes are 43 characters of base64 without padding.
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.prefix.utf8.count + 43 else { return nil }
        self.text = text
    }

    var digest: [UInt8] { Self.digest(of: text) }

    /// What is kept of a token. A plain hash is enough for 256 random bits: there is nothing to guess.
    static func digest(of text: String) -> [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }
}
