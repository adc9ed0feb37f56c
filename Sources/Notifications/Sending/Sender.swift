import Builds
import Foundation

/// Sends messages. Whatever the other side does, an exchange ends in time, takes little memory, and is a ``SendOutcome``.
public final class Sender: Sendable {
    public struct Limits: Sendable {
        /// For name look-up, TCP and TLS.
        public var connectSeconds = 3.0
        /// For a whole exchange. With it a lease always outlives what it is for; see ``DeliveryPolicy``.
        public var totalSeconds = 10.0

        public init() {}
    }

    /// Of an answer only the first words count: Slack says `no_service`, Alertmanager some lines.
    private static let mostAnswerBytes = 4096
    private static let reasonLength = 160

    private let client: BoundedClient
    private let origin: String

    /// - Parameter origin: names this installation in CloudEvents: its public URL, or a path.
    public init(origin: String, limits: Limits = Limits()) {
        self.origin = origin
        client = BoundedClient(connectSeconds: limits.connectSeconds, totalSeconds: limits.totalSeconds)
    }

    /// Closes the connections. Nothing can be sent afterwards.
    public func shutdown() async { await client.shutdown() }

    public func send(_ message: Message, to destination: Destination, at now: Timestamp) async -> SendOutcome {
        let outgoing: OutgoingRequest
        do {
            outgoing = try OutgoingRequest(message, to: destination, origin: origin, at: now)
        } catch {
            return .rejected("it cannot be written as JSON")
        }
        do {
            let answer = try await client.exchange(
                BoundedClient.Request(url: outgoing.url, headers: outgoing.headers, body: outgoing.body),
                atMost: Self.mostAnswerBytes)
            return Self.outcome(answer, destination)
        } catch {
            return .failed(BoundedClient.reason(error))
        }
    }

    private static func outcome(_ answer: BoundedClient.Answer, _ destination: Destination) -> SendOutcome {
        switch answer.status {
        case 200..<300: return .delivered
        case 429: return .throttled(seconds: retryAfter(answer.retryAfter))
        // The message itself is what it will not have.
        case 400, 413, 415, 422: return .rejected(reason(answer, destination))
        // Wrong addresses and tokens, too: somebody may notice and mend them.
        default: return .failed(reason(answer, destination))
        }
    }

    /// Seconds, or the time of day that HTTP also allows.
    private static func retryAfter(_ text: String?) -> Double? {
        guard let text else { return nil }
        if let seconds = Double(text.trimmingCharacters(in: .whitespaces)), seconds >= 0 { return seconds }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: text).map { max(0, $0.timeIntervalSinceNow) }
    }

    /// What a receiver says may repeat what it was sent, and ends up in a log.
    private static func reason(_ answer: BoundedClient.Answer, _ destination: Destination) -> String {
        var text = String(decoding: answer.body, as: UTF8.self)
        let secrets =
            destination.address.parts.map(\.value) + (destination.token.map { [$0.value] } ?? [])
            + (destination.signature?.secrets ?? [])
        for secret in secrets where !secret.isEmpty { text = text.replacing(secret, with: "…") }
        let words = PlainText.cleaned(text, atMost: reasonLength).trimmingCharacters(in: .whitespaces)
        if (300..<400).contains(answer.status) { return "HTTP \(answer.status); redirects are not followed" }
        return "HTTP \(answer.status)" + (words.isEmpty ? "" : ": \(words)")
    }
}
