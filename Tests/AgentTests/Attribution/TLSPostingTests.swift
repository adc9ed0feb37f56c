import Builds
import Foundation
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
        switch try get("/healthz", of: "https://\(host):\(server.address.port)", context) {
        case .answer(let answer):
            #expect(failure == nil)
            #expect(answer.status == 200)
            #expect(answer.body == Array("ok\n".utf8))
        case .failed(let reason):
            #expect(failure.map(reason.contains) == true, "\(reason)")
        }
    }

    private func get(_ path: String, of url: String, _ context: TLSContext) throws -> HTTPExchange.Outcome {
        let address = try ServerAddress(url)
        let exchange = HTTPExchange(
            address, request: HTTPExchange.request("GET", path, to: address), bodyLimitBytes: 65_536,
            deadlineSeconds: monotonicSeconds() + 30
        ) { (address, host) throws(SocketChannel.Failed) in try TLSChannel(address, host: host, context) }
        var outcome = exchange.advance(at: monotonicSeconds())
        while outcome == nil {
            var entry = pollfd(try #require(exchange.interest))
            poll(&entry, 1, 1000)
            outcome = exchange.advance(at: monotonicSeconds())
        }
        return try #require(outcome)
    }

    @Test(
        "A server that hears only whom it knows is shown a certificate",
        .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "openssl is not installed"))
    func identity() throws {
        let certificates = try TestCertificates()
        for name in ["server", "agent"] { try certificates.issue(name) }
        let (server, port) = try demandingServer(certificates)
        // For good: it inherits the signals that the thread which starts it has blocked.
        defer {
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        let library = try OpenSSL()
        func outcome(_ identity: AgentConfiguration.TLSFiles?) throws -> HTTPExchange.Outcome {
            try get(
                "/", of: "https://127.0.0.1:\(port)",
                TLSContext.client(roots: certificates.authority, identity: identity, library: library))
        }
        guard case .failed = try outcome(nil) else { throw Unexpected() }
        let agent = AgentConfiguration.TLSFiles(
            certificate: certificates.certificate("agent"), key: certificates.key("agent"))
        guard case .answer(let answer) = try outcome(agent) else { throw Unexpected() }
        #expect(answer.status == 200)
        let mixed = AgentConfiguration.TLSFiles(certificate: agent.certificate, key: certificates.key("server"))
        #expect(throws: TLSFailure.self) { try outcome(mixed) }
    }

    private struct Unexpected: Error {}

    /// OpenSSL's own server, which closes on who shows no certificate of the authority.
    private func demandingServer(_ certificates: TestCertificates) throws -> (Process, port: Int) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificates.certificate("server"), "-key",
            certificates.key("server"), "-CAfile", certificates.authority, "-Verify", "1", "-verify_return_error",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var said = ""
        while let data = try output.fileHandleForReading.read(upToCount: 1), !data.isEmpty {
            said += String(decoding: data, as: UTF8.self)
            if said.hasSuffix("\n"), let port = said.firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)\n/) {
                return (process, try #require(Int(port.1)))
            }
        }
        throw Unexpected()
    }
}
