import Builds
import Glibc
import Scaffolding
import Telemetry
import Testing

@testable import Agent

/// The posting client over TLS, against the agent's own server.
@Suite struct TLSPostingTests {
    @Test(
        "The client posts to whom it should, and to nobody else",
        .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "openssl is not installed"),
        arguments: [
            ("127.0.0.1", "IP:127.0.0.1", true, nil), ("localhost", "DNS:localhost", true, nil),
            ("127.0.0.1", "DNS:localhost", true, "IP address mismatch"),
            ("127.0.0.1", "IP:127.0.0.1", false, "certificate"),
        ] as [(String, String, Bool, String?)])
    func posts(host: String, subjects: String, knowsAuthority: Bool, failure: String?) throws {
        let certificates = try TestCertificates()
        try certificates.issue("server", for: subjects)
        let library = try OpenSSL()
        let server = try RunningServer {
            $0.tls = try TLSContext.server(
                certificate: certificates.certificate("server"), key: certificates.key("server"), library: library)
        }
        let context = try TLSContext.client(roots: knowsAuthority ? certificates.authority : nil, library: library)
        let address = try ServerAddress("https://\(host):\(server.address.port)")
        let exchange = HTTPExchange(
            address, request: HTTPExchange.request("GET", "/healthz", to: address), bodyLimitBytes: 4096,
            deadlineSeconds: monotonicSeconds() + 30
        ) { (address, host) throws(SocketChannel.Failed) in try TLSChannel(address, host: host, context) }
        var outcome = exchange.advance(at: monotonicSeconds())
        while outcome == nil {
            var entry = pollfd(try #require(exchange.interest))
            poll(&entry, 1, 1000)
            outcome = exchange.advance(at: monotonicSeconds())
        }
        switch try #require(outcome) {
        case .answer(let answer):
            #expect(failure == nil)
            #expect(answer.status == 200)
            #expect(answer.body == Array("ok\n".utf8))
        case .failed(let reason):
            #expect(failure.map(reason.contains) == true, "\(reason)")
        }
    }
}
