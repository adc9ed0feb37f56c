import Foundation
import Glibc
import Scaffolding
import Telemetry
import Testing

@testable import Agent

/// TLS against curl and openssl, which have their own minds about it.
@Suite struct TLSTests {
    private static func output(of program: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func curl(_ arguments: String...) throws -> (status: Int32, text: String) {
        try output(of: "/usr/bin/curl", ["-sS", "--max-time", "20", "--noproxy", "*"] + arguments)
    }

    private static func isInstalled(_ program: String) -> Bool { access("/usr/bin/" + program, X_OK) == 0 }

    @Test(
        "curl gets the page over TLS, again and again on one connection, large or small",
        .enabled(if: isInstalled("curl"), "curl is not installed"), arguments: [10, 3_000_000])
    func serves(size: Int) throws {
        let certificates = try TestCertificates()
        try certificates.issue("server")
        let library = try OpenSSL()
        let body = String(repeating: "x", count: size) + "\n"
        let server = try RunningServer(pages: FixedPage(body)) {
            $0.tls = try TLSContext.server(
                certificate: certificates.certificate("server"), key: certificates.key("server"), library: library)
        }
        let url = "https://\(server.address)/metrics"
        let (status, text) = try Self.curl(
            "--cacert", certificates.authority, url, url, "-w", "connects %{num_connects}\n")
        #expect(status == 0)
        #expect(text == body + "connects 1\n" + body + "connects 0\n")
        #expect(try Self.curl(url).status == 60, "a client without the authority does not trust it")
        #expect(try Self.curl("--cacert", certificates.authority, "--tls-max", "1.1", url).status != 0)
    }

    @Test(
        "Clients that speak no TLS, or say nothing, are let go; others are served meanwhile",
        .enabled(if: isInstalled("curl")))
    func strangers() throws {
        let certificates = try TestCertificates()
        try certificates.issue("server")
        let library = try OpenSSL()
        let server = try RunningServer(.init(clientSeconds: 1)) {
            $0.tls = try TLSContext.server(
                certificate: certificates.certificate("server"), key: certificates.key("server"), library: library)
        }
        let silent = try Client(server.address)
        let plain = try Client(server.address)
        plain.send("GET /metrics HTTP/1.1\r\n\r\n")
        #expect(plain.answer()?.contains("x 1") == false)
        let url = "https://\(server.address)/metrics"
        #expect(try Self.curl("--cacert", certificates.authority, url).text == "x 1\n")
        #expect(silent.answer() == "")
    }

    @Test(
        "Our client believes whom it should",
        .enabled(if: isInstalled("openssl"), "openssl is not installed"),
        arguments: [
            ("127.0.0.1", "IP:127.0.0.1", true, nil), ("localhost", "DNS:localhost", true, nil),
            ("localhost", "DNS:example.org", true, "ostname mismatch"),
            ("127.0.0.1", "DNS:localhost", true, "IP address mismatch"),
            ("127.0.0.1", "IP:127.0.0.1", false, "certificate"),
        ] as [(String, String, Bool, String?)])
    func client(host: String, subjects: String, knowsAuthority: Bool, failure: String?) throws {
        let certificates = try TestCertificates()
        try certificates.issue("server", for: subjects)
        let library = try OpenSSL()
        let server = try RunningServer {
            $0.tls = try TLSContext.server(
                certificate: certificates.certificate("server"), key: certificates.key("server"), library: library)
        }
        let context = try TLSContext.client(roots: knowsAuthority ? certificates.authority : nil, library: library)
        let socket = try Client(server.address)
        _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
        let session = try context.session(over: socket.descriptor, host: host)
        func finish(_ step: () -> Transfer) -> Transfer {
            while true {
                guard case .wait(let interest) = step() else { return step() }
                var entry = pollfd(
                    fd: socket.descriptor, events: Int16(interest == .writing ? POLLOUT : POLLIN), revents: 0)
                guard poll(&entry, 1, 20_000) == 1 else { return .ended }
            }
        }
        if let failure {
            #expect(finish(session.shakeHands) == .ended)
            #expect(session.failure?.contains(failure) == true, "\(session.failure ?? "nothing")")
            return
        }
        #expect(finish(session.shakeHands) == .done(1))
        let request = Array("GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)
        #expect(request.withUnsafeBytes { session.write($0) } == .done(request.count))
        var answer = [UInt8](repeating: 0, count: 4096)
        var total = 0
        reading: while total < answer.count {
            let transfer = answer.withUnsafeMutableBytes { buffer in
                session.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[total...]))
            }
            switch transfer {
            case .done(let count): total += count
            case .wait:
                var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
                try #require(poll(&entry, 1, 20_000) == 1)
            case .ended: break reading
            }
        }
        #expect(String(decoding: answer[..<total], as: UTF8.self).hasSuffix("\r\n\r\nx 1\n"))
        session.close()
    }

    @Test("What cannot work says why, and what to do")
    func failures() throws {
        let certificates = try TestCertificates()
        for name in ["server", "other"] { try certificates.issue(name) }
        try certificates.openssl(
            "ec", "-in", "server.key", "-aes128", "-passout", "pass:secret", "-out", "locked.key")
        let library = try OpenSSL()
        func message(certificate: String, key: String) -> String {
            do throws(TLSFailure) {
                _ = try TLSContext.server(certificate: certificate, key: key, library: library)
                return ""
            } catch {
                return error.description
            }
        }
        let certificate = certificates.certificate("server")
        #expect(message(certificate: certificate, key: certificates.key("server")) == "")
        #expect(
            message(certificate: "/nonexistent", key: "") == "/nonexistent cannot be read: No such file or directory")
        #expect(message(certificate: certificate, key: certificates.key("other")).contains("does not belong to"))
        #expect(
            message(certificate: certificate, key: certificates.path("locked.key")).contains("without a passphrase"))
        #expect(
            message(certificate: certificates.key("server"), key: certificates.key("server")).contains(
                "holds no PEM certificate chain"))
        let missing = #expect(throws: TLSFailure.self) { try OpenSSL(library: "libssl-that-is-not.so.9") }
        #expect(missing?.description.contains("install the package libssl3") == true)
        let wrong = #expect(throws: TLSFailure.self) { try OpenSSL(library: "libm.so.6") }
        #expect(wrong?.description.contains("libm.so.6 has no TLS_server_method") == true)
        let noRoots = #expect(throws: TLSFailure.self) {
            try TLSContext.client(roots: certificates.key("server"), library: library)
        }
        #expect(noRoots?.description.contains("holds no PEM certificates") == true)
    }
}
