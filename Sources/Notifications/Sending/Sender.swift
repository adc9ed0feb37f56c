import AsyncHTTPClient
import Builds
import Foundation
import NIOCore

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

    private let http: HTTPClient
    private let limits: Limits
    private let origin: String

    /// - Parameter origin: names this installation in CloudEvents: its public URL, or a path.
    public init(origin: String, limits: Limits = Limits()) {
        self.origin = origin
        self.limits = limits
        var configuration = HTTPClient.Configuration()
        let total = TimeAmount.seconds(limits.totalSeconds)
        configuration.timeout = .init(connect: .seconds(limits.connectSeconds), read: total, write: total)
        // A redirect would lead the token, and the message, to wherever it points.
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections. Nothing can be sent afterwards.
    public func shutdown() async {
        // The only errors are "already shut down" and a connection that would not close: neither is worth anything now.
        try? await http.shutdown()
    }

    public func send(_ message: Message, to destination: Destination, at now: Timestamp) async -> SendOutcome {
        let outgoing: OutgoingRequest
        do {
            outgoing = try OutgoingRequest(message, to: destination, origin: origin, at: now)
        } catch {
            return .rejected("it cannot be written as JSON")
        }
        var request = HTTPClientRequest(url: outgoing.url)
        request.method = .POST
        for header in outgoing.headers { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(bytes: outgoing.body))
        do {
            return Self.outcome(try await roundTrip(request), destination)
        } catch {
            return .failed(Self.reason(error))
        }
    }

    private struct Answer: Sendable {
        var status: Int
        var retryAfter: String?
        var text: String
    }

    private struct TooLate: Error {}

    /// Sends and collects, all within the limit: a receiver that says one byte a second is as late as one that is silent.
    private func roundTrip(_ request: HTTPClientRequest) async throws -> Answer {
        let (http, limit) = (http, limits.totalSeconds)
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask {
                let response = try await http.execute(request, timeout: .seconds(limit))
                var text: [UInt8] = []
                // What comes beyond is not read: the connection is closed instead.
                for try await part in response.body {
                    text += part.readableBytesView.prefix(Self.mostAnswerBytes - text.count)
                    if text.count >= Self.mostAnswerBytes { break }
                }
                return Answer(
                    status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"),
                    text: String(decoding: text, as: UTF8.self))
            }
            group.addTask {
                try await Task.sleep(for: .seconds(limit))
                throw TooLate()
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw TooLate() }
            return answer
        }
    }

    private static func outcome(_ answer: Answer, _ destination: Destination) -> SendOutcome {
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
    private static func reason(_ answer: Answer, _ destination: Destination) -> String {
        var text = answer.text
        let secrets =
            destination.address.parts.map(\.value) + (destination.token.map { [$0.value] } ?? [])
            + (destination.signature?.secrets ?? [])
        for secret in secrets where !secret.isEmpty { text = text.replacing(secret, with: "…") }
        let words = PlainText.cleaned(text, atMost: reasonLength).trimmingCharacters(in: .whitespaces)
        if (300..<400).contains(answer.status) { return "HTTP \(answer.status); redirects are not followed" }
        return "HTTP \(answer.status)" + (words.isEmpty ? "" : ": \(words)")
    }

    /// Our own words: an error's own may name the address.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case is TooLate, is CancellationError: return "no answer in time"
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
                .cancelled:
                return "no answer in time"
            case .remoteConnectionClosed: return "the connection was closed without an answer"
            case .invalidURL, .emptyHost, .emptyScheme: return "the address cannot be used"
            default: return "the answer is no HTTP that can be understood"
            }
        default:
            // Types of modules below, which are not ours to depend on: their names and words are all there is.
            let text = "\(String(reflecting: type(of: error))) \(error)"
            if text.contains("HTTPParserError") { return "the answer is no HTTP" }
            if text.contains("NIOSSL") || text.contains("handshake") {
                return "TLS failed: the certificate is not trusted"
            }
            return "nobody could be reached there"
        }
    }
}

extension TimeAmount {
    fileprivate static func seconds(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
