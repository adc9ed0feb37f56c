import NIOCore
import NIOPosix
import NIOSSL

/// One GET over a connection of its own, for asking the own server. Everything it reads is bounded.
struct HealthProbe: Sendable {
    let host: String
    let port: Int
    /// `nil`: plain HTTP.
    let tls: NIOSSLContext?

    struct Answer: Hashable, Sendable {
        var status: Int
        /// The beginning of it, on one line.
        var body: String
    }

    /// `/readyz` takes some hundred bytes.
    private static let mostBytes = 65_536
    private static let connectTimeout = TimeAmount.seconds(3)

    var name: String { "\(tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// - Throws: when nothing listens there, or what does speaks no HTTP.
    func get(_ path: String) async throws -> Answer {
        let tls = self.tls
        let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(Self.connectTimeout)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await connection.executeThenClose { inbound, outbound in
            let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nUser-Agent: inframind\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var received = ByteBuffer()
            do {
                for try await piece in inbound {
                    received.writeImmutableBuffer(piece)
                    if received.readableBytes > Self.mostBytes { break }
                }
            } catch NIOSSLError.uncleanShutdown where received.readableBytes > 0 {
                // The other side closed without saying goodbye: the length of the answer is not what is asked here.
            }
            guard let answer = Answer(String(buffer: received)) else {
                throw UpkeepError("\(name) speaks something else than HTTP")
            }
            return answer
        }
    }
}

extension HealthProbe.Answer {
    /// `nil` when this is no answer in HTTP/1.
    init?(_ text: String) {
        let head = text.prefix { !$0.isNewline }
        let words = head.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        let body = text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
        self.init(status: status, body: String(body.prefix(500).map { $0.isNewline ? " " : $0 }))
    }
}

extension TLSFiles {
    /// For asking the own server: shows the server's own certificate where clients must show one, so that has to be good
    /// for clients, too (`extendedKeyUsage = serverAuth, clientAuth`).
    ///
    /// - Throws: ``ConfigurationError`` naming the file that cannot be used.
    func probeContext() throws(ConfigurationError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        // It asks itself over an address that no certificate names, and sends no secret.
        configuration.certificateVerification = .none
        if clientAuthority != nil {
            do {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw ConfigurationError(key: "tls-certificate", "'\(certificate)' cannot be read as PEM")
            }
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationError(key: "tls-key", "does not belong to the certificate in '\(certificate)'")
        }
    }
}
