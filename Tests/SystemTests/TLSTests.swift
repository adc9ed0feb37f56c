import Foundation
import Testing

/// TLS as users meet it: a real server, real certificates, curl and our own command line.
@Suite("TLS", .serialized)
struct TLSTests {
    /// Two authorities and what they signed, made with openssl.
    private struct Certificates {
        let folder: URL

        init(in folder: URL) throws {
            self.folder = folder
            for authority in ["ca", "other-ca"] {
                try openssl(
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=\(authority)", "-keyout", "\(authority).key", "-out", "\(authority).crt")
            }
            for (name, authority) in [("server", "ca"), ("renewed", "ca"), ("client", "ca"), ("stranger", "other-ca")] {
                try openssl(
                    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                    "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(name).key", "-out",
                    "\(name).csr")
                try openssl(
                    "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).crt", "-CAkey", "\(authority).key",
                    "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out", "\(name).crt")
            }
        }

        func path(_ name: String) -> String { folder.appending(path: name).path }

        private func openssl(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/openssl")
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl \(arguments)")
        }

        /// Puts the pair `name` where the server looks.
        func install(_ name: String) throws {
            for kind in ["crt", "key"] {
                let data = try Data(contentsOf: folder.appending(path: "\(name).\(kind)"))
                try data.write(to: folder.appending(path: "installed.\(kind)"), options: .atomic)
            }
        }
    }

    private static let wantsClients: @Sendable (Certificates) -> [String] = { ["--tls-client-ca", $0.path("ca.crt")] }

    private func withServer(
        _ more: (Certificates) -> [String] = { _ in [] }, _ body: (RunningServer, Certificates) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let certificates = try Certificates(in: folder)
            try certificates.install("server")
            let server = try RunningServer(
                data: folder.appending(path: "data"),
                arguments: [
                    "--tls-certificate", certificates.path("installed.crt"), "--tls-key",
                    certificates.path("installed.key"),
                ] + more(certificates))
            try body(server, certificates)
            #expect(server.stop() == 0)
        }
    }

    /// What curl says: its exit status, and the name in the server's certificate with the body after it.
    private func curl(_ server: RunningServer, _ certificates: Certificates, _ more: String...) throws -> (
        status: Int32, output: String
    ) {
        try Binaries.run(
            URL(filePath: "/usr/bin/curl"),
            [
                "--silent", "--max-time", "10", "--cacert", certificates.path("ca.crt"), "--include", "--write-out",
                "\n%{certs}", server.endpoint.url + "/healthz",
            ] + more)
    }

    @Test("TLS 1.3 is spoken, older versions are refused, and browsers are told to keep to it")
    func version() async throws {
        try await withServer { server, certificates in
            #expect(server.endpoint.url.hasPrefix("https://"))
            let answer = try curl(server, certificates)
            #expect(answer.status == 0 && answer.output.contains(#""status":"ok""#))
            #expect(answer.output.lowercased().contains("strict-transport-security: max-age="))
            #expect(try curl(server, certificates, "--tls-max", "1.2").status == 35)
        }
    }

    @Test("With a client CA, only who shows a certificate of it is heard")
    func mutual() async throws {
        try await withServer(Self.wantsClients) { server, certificates in
            func shown(_ name: String) throws -> Int32 {
                try curl(
                    server, certificates, "--cert", certificates.path("\(name).crt"), "--key",
                    certificates.path("\(name).key")
                ).status
            }
            let (client, stranger) = (try shown("client"), try shown("stranger"))
            #expect(client == 0 && stranger != 0)
            #expect(try curl(server, certificates).status != 0)
        }
    }

    @Test("Certificates that were replaced are used without a restart; broken ones change nothing")
    func reload() async throws {
        try await withServer { server, certificates in
            try Data("not PEM".utf8).write(to: certificates.folder.appending(path: "installed.crt"), options: .atomic)
            #expect(try curl(server, certificates).status == 0)
            try certificates.install("renewed")
            let deadline = Date(timeIntervalSinceNow: 30)
            var names = ""
            while !names.contains("CN = renewed") && !names.contains("CN=renewed"), Date() < deadline {
                names = try Binaries.run(
                    URL(filePath: "/bin/sh"),
                    [
                        "-c",
                        "openssl s_client -connect \(server.endpoint.url.dropFirst(8)) </dev/null 2>/dev/null | grep subject",
                    ]
                ).output
            }
            #expect(names.contains("renewed"))
        }
    }

    @Test("The command line trusts the CA it is given, shows its certificate, and says what is wrong with a file")
    func commandLine() async throws {
        try await withServer(Self.wantsClients) { server, certificates in
            var environment = [
                "INFRAMIND_URL": server.endpoint.url, "INFRAMIND_CA_FILE": certificates.path("ca.crt"),
                "INFRAMIND_CLIENT_CERTIFICATE": certificates.path("client.crt"),
                "INFRAMIND_CLIENT_KEY": certificates.path("client.key"),
            ]
            let models = try Binaries.run(Binaries.cli, ["models"], environment: environment)
            #expect(models.status == 0 && models.output.contains("none"), "\(models.output)")
            environment["INFRAMIND_CA_FILE"] = certificates.path("other-ca.crt")
            #expect(try Binaries.run(Binaries.cli, ["models"], environment: environment).status == 1)
            environment["INFRAMIND_CA_FILE"] = certificates.path("server.csr")
            let broken = try Binaries.run(Binaries.cli, ["models"], environment: environment)
            #expect(broken.status == 2 || broken.status == 64, "\(broken.status)")
            #expect(broken.output.contains("server.csr"))
            // A build goes on whatever is wrong on our side.
            let build = try Binaries.run(Binaries.cli, ["run", "--", "echo", "built"], environment: environment)
            #expect(build.status == 0 && build.output.contains("built"))
        }
    }
}
