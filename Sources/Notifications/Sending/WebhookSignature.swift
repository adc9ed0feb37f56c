import Builds
import Crypto
import Foundation

/// Signs webhooks as the Standard Webhooks specification says: `webhook-signature: v1,` and the Base64 of HMAC-SHA256 over
/// `id.timestamp.body`. The timestamp lets a receiver refuse what somebody recorded.
public struct WebhookSignature: Hashable, Sendable {
    private let key: Secret
    let bytes: [UInt8]

    /// 192 bits; less can be guessed.
    private static let fewestBytes = 24

    /// - Parameter text: `whsec_` and Base64, or the key itself.
    /// - Throws: ``InvalidDestination``, which never repeats the key.
    public init(secret text: String) throws(InvalidDestination) {
        let prefix = "whsec_"
        if text.hasPrefix(prefix) {
            guard let data = Data(base64Encoded: String(text.dropFirst(prefix.count))) else {
                throw InvalidDestination("must be Base64 after '\(prefix)'")
            }
            bytes = Array(data)
        } else {
            bytes = Array(text.utf8)
        }
        guard bytes.count >= Self.fewestBytes else {
            throw InvalidDestination("must be at least \(Self.fewestBytes) bytes")
        }
        key = Secret(text)
    }

    /// The three headers.
    func headers(id: String, at now: Timestamp, body: [UInt8]) -> [(name: String, value: String)] {
        let seconds = String(now.microseconds / 1_000_000)
        var authentication = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        authentication.update(data: Array("\(id).\(seconds).".utf8))
        authentication.update(data: body)
        let code = Data(authentication.finalize()).base64EncodedString()
        return [("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", "v1,\(code)")]
    }

    /// What must not be seen of it.
    var secrets: [String] { [key.value] }
}

extension WebhookSignature: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "(secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
