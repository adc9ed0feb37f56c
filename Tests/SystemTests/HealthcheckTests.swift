import Foundation
import Scaffolding
import Testing

/// `inframind-server healthcheck`, as an orchestrator runs it beside the server.
@Suite("The server's health check", .serialized)
struct HealthcheckTests {
    private func check(_ arguments: String...) throws -> (status: Int32, output: String) {
        try Binaries.run(Binaries.server, ["healthcheck"] + arguments)
    }

    private func port(_ server: RunningServer) -> String {
        String(server.endpoint.url.split(separator: ":").last ?? "")
    }

    @Test("It says yes while the server is ready, and no once it is gone, in one line")
    func plain() async throws {
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appending(path: "data"))
            let port = port(server)
            let healthy = try check("--port", port)
            #expect(healthy.status == 0 && healthy.output.contains(#""status":"ready""#), "\(healthy.output)")
            // A server on all interfaces is asked over the loopback one.
            #expect(try check("--port", port, "--host", "0.0.0.0").status == 0)
            #expect(server.stop() == 0)
            let gone = try check("--port", port)
            #expect(gone.status == 1 && gone.output.hasPrefix("inframind-server: http://127.0.0.1:\(port)"))
            #expect(gone.output.split(separator: "\n").count == 1)
        }
    }

    @Test("A server that is draining is not healthy")
    func draining() async throws {
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appending(path: "data"), arguments: ["--drain-seconds", "60"])
            Foundation.kill(server.processID, SIGTERM)
            var answer = try check("--port", port(server))
            let deadline = Date(timeIntervalSinceNow: 20)
            while answer.status == 0, Date() < deadline { answer = try check("--port", port(server)) }
            #expect(answer.status == 1 && answer.output.contains("not ready: 503"), "\(answer.output)")
            server.kill()
        }
    }

    @Test("A port nobody knows, and a socket that speaks something else, are told apart")
    func refusals() async throws {
        let unknown = try check("--port", "0")
        #expect(unknown.status == 2 && unknown.output.contains("port"))
        let other = try LoopbackServer { _ in .bytes(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)) }
        defer { other.stop() }
        let answer = try check("--port", "\(other.port)")
        #expect(answer.status == 1 && answer.output.contains("something else than HTTP"), "\(answer.output)")
    }

    @Test(
        "It speaks TLS to a server that does, and shows its certificate where clients must", arguments: [false, true])
    func tls(isMutual: Bool) async throws {
        let certificates = try TestCertificates()
        try certificates.issue("server")
        let files =
            [
                "--tls-certificate", certificates.certificate("server"), "--tls-key", certificates.key("server"),
            ] + (isMutual ? ["--tls-client-ca", certificates.authority] : [])
        try await withTemporaryFolder { folder in
            let server = try RunningServer(data: folder.appending(path: "data"), arguments: files)
            let healthy = try Binaries.run(Binaries.server, ["healthcheck", "--port", port(server)] + files)
            #expect(healthy.status == 0, "\(healthy.output)")
            // Plain HTTP to a server that wants TLS is no answer.
            #expect(try check("--port", port(server)).status == 1)
            #expect(server.stop() == 0)
        }
    }
}
