import Builds
import Client
import Contract
import Foundation
import Scaffolding
import Testing

/// Secrets are replaced under a server that runs, and nobody notices but who has the old ones.
@Suite("Rotation of secrets", .serialized)
struct SecretRotationTests {
    private func status(_ server: RunningServer, token: String) throws -> String {
        try Binaries.run(
            URL(filePath: "/usr/bin/curl"),
            [
                "--silent", "--max-time", "10", "--output", "/dev/null", "--write-out", "%{http_code}",
                "--header", "X-IM-Token: \(token)", server.endpoint.url + "/models",
            ]
        ).output
    }

    @Test(
        "Tokens of a file that is replaced are good without a restart, the old ones no longer; nonsense changes nothing"
    )
    func tokens() async throws {
        try await withTemporaryFolder { folder in
            // As Kubernetes does it: the file is a link into a folder that is itself a link, which is turned.
            func install(_ generation: String, _ text: String) throws {
                let place = folder.appending(path: generation)
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                try text.write(to: place.appending(path: "tokens"), atomically: true, encoding: .utf8)
                let turned = folder.appending(path: "turned")
                try FileManager.default.createSymbolicLink(at: turned, withDestinationURL: place)
                rename(turned.path, folder.appending(path: "current").path)
            }
            try install("first", "the-first-token\n")
            let server = try RunningServer(
                data: folder.appending(path: "data"),
                arguments: ["--tokens-file", folder.path + "/current/tokens", "--environment", "production"])
            #expect(try status(server, token: "the-first-token") == "200")
            #expect(try status(server, token: "the-second-token") == "403")
            // Production, so the development key would be refused as it is at the start.
            try install("unsafe", "dev-key-change-in-production\n")
            try install("second", "the-second-token\nthe-third-token\n")
            #expect(try await happens { try status(server, token: "the-second-token") == "200" })
            #expect(try status(server, token: "the-first-token") == "403")
            #expect(try status(server, token: "dev-key-change-in-production") == "403")
            try install("broken", "short\n")
            #expect(try status(server, token: "the-third-token") == "200")
            #expect(server.stop() == 0)
        }
    }

    @Test(
        "A database's password is replaced under a running server",
        .enabled(if: PostgreSQLCluster.reasonToSkip == nil))
    func databasePassword() async throws {
        let cluster = try PostgreSQLCluster()
        defer { cluster.stop() }
        func psql(_ statement: String) throws {
            let result = try Binaries.run(
                URL(filePath: "/usr/bin/psql"), ["--no-psqlrc", "--quiet", "--command", statement, cluster.url])
            try #require(result.status == 0, "\(result.output)")
        }
        let address = try #require(cluster.url.split(separator: "@").last)
        try psql("CREATE ROLE ci LOGIN PASSWORD 'first'; GRANT CREATE ON SCHEMA public TO ci;")
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "database-url")
            func install(_ password: String) throws {
                try "postgresql://ci:\(password)@\(address)\n".write(to: file, atomically: true, encoding: .utf8)
            }
            try install("first")
            let server = try RunningServer(
                data: folder.appending(path: "unused"), arguments: ["--database-url-file", file.path])
            let client = InframindClient(endpoint: server.endpoint)
            _ = try await client.ready()
            try psql("ALTER ROLE ci PASSWORD 'second'")
            try install("second")
            // The sessions of the old password are ended, so that every one is made anew with what the file now says.
            try psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ci'")
            _ = try await client.ready()
            let target = StepIdentity(pipeline: "shop", stage: "build", step: "compile")
            #expect(try await client.optimize(OptimizationRequest(target: target)).suggestions.concurrency >= 1)
            await client.shutdown()
            #expect(server.stop() == 0)
        }
    }
}
