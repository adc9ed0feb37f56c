import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// An HTTP client whose exchanges end in time and take little memory, whatever the other side does.
public final class BoundedClient: Sendable {
    public struct Request: Sendable {
        public var url: String
        public var headers: [(name: String, value: String)]
        /// Sent with `POST`; `nil`: a `GET`.
        public var body: [UInt8]?

        public init(url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil) {
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    public struct Answer: Sendable {
        public var status: Int
        public var retryAfter: String?
        public var body: [UInt8]
        /// Whether there was more than was to be read.
        public var isCut = false
    }

    private struct TooLate: Error {}

    private let http: HTTPClient
    private let totalSeconds: Double

    /// - Parameters:
    ///   - connectSeconds: for name look-up, TCP and TLS.
    ///   - totalSeconds: for a whole exchange.
    ///   - authority: PEM file of who else, beside those the system trusts, may sign the other side's certificate.
    public init(connectSeconds: Double, totalSeconds: Double, authority: String? = nil) {
        self.totalSeconds = totalSeconds
        var configuration = HTTPClient.Configuration()
        let total = TimeAmount.seconds(totalSeconds)
        configuration.timeout = .init(connect: .seconds(connectSeconds), read: total, write: total)
        // A redirect would lead the token, and the message, to wherever it points.
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        if let authority {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.additionalTrustRoots = [.file(authority)]
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes the connections. Nothing can be sent afterwards.
    public func shutdown() async {
        // The only errors are "already shut down" and a connection that would not close: neither is worth anything now.
        try? await http.shutdown()
    }

    /// Sends and collects, all within the limit: a receiver that says one byte a second is as late as one that is silent.
    ///
    /// - Parameter bytes: what is read of the answer's body; what comes beyond is not: the connection is closed instead.
    /// - Throws: what ``reason(_:)`` has words for.
    public func exchange(_ request: Request, atMost bytes: Int) async throws -> Answer {
        var outgoing = HTTPClientRequest(url: request.url)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        if let body = request.body {
            outgoing.method = .POST
            outgoing.body = .bytes(ByteBuffer(bytes: body))
        }
        let (http, limit, sent) = (http, totalSeconds, outgoing)
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask {
                let response = try await http.execute(sent, timeout: .seconds(limit))
                var answer = Answer(
                    status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"),
                    body: [])
                for try await part in response.body {
                    let room = bytes - answer.body.count
                    answer.isCut = part.readableBytes > room
                    answer.body += part.readableBytesView.prefix(room)
                    if answer.isCut { break }
                }
                return answer
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

    /// Our own words: an error's own may name the address.
    public static func reason(_ error: any Error) -> String {
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
