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

    /// Replaces `current/NAME` as Kubernetes does it: the file is in a folder behind a link, which is turned.
    private func install(_ text: String, as name: String, generation: String, in folder: URL) throws {
        let place = folder.appending(path: generation)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try text.write(to: place.appending(path: name), atomically: true, encoding: .utf8)
        let turned = folder.appending(path: "turned")
        try FileManager.default.createSymbolicLink(at: turned, withDestinationURL: place)
        rename(turned.path, folder.appending(path: "current").path)
    }

    @Test(
        "Tokens of a file that is replaced are good without a restart, the old ones no longer; nonsense changes nothing"
    )
    func tokens() async throws {
        try await withTemporaryFolder { folder in
            func install(_ generation: String, _ text: String) throws {
                try self.install(text, as: "tokens", generation: generation, in: folder)
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

    @Test("Servers with one session key know each other's sessions; it is replaced while they run")
    func sessionKey() async throws {
        try await withTemporaryFolder { folder in
            func install(_ generation: String, _ keys: String...) throws {
                try self.install(
                    keys.joined(separator: "\n"), as: "session-key", generation: generation, in: folder)
            }
            func key(_ letter: Character) -> String { String(repeating: letter, count: 32) }
            let (first, second, third) = (key("1"), key("2"), key("3"))
            try install("begun", first, second)
            try "the-first-token".write(to: folder.appending(path: "tokens"), atomically: true, encoding: .utf8)
            let servers = try ["one", "other"].map { name in
                try RunningServer(
                    data: folder.appending(path: name),
                    arguments: [
                        "--session-key-file", folder.path + "/current/session-key", "--tokens-file",
                        folder.path + "/tokens", "--environment", "production",
                    ])
            }
            func curl(_ arguments: String...) throws -> String {
                try Binaries.run(
                    URL(filePath: "/usr/bin/curl"), ["--silent", "--max-time", "10"] + arguments
                ).output
            }
            /// Signs in at one server and returns the cookie.
            func signIn(at server: RunningServer) throws -> String {
                let answer = try curl(
                    "--include", "--data", "token=the-first-token", server.endpoint.url + "/ui/sign-in")
                let cookie = try #require(answer.firstMatch(of: /(?i)set-cookie: (inframind_session=[^;]+)/))
                return String(cookie.1)
            }
            func isKnown(_ cookie: String, to server: RunningServer) throws -> Bool {
                try curl(
                    "--header", "Cookie: \(cookie)", "--output", "/dev/null", "--write-out", "%{http_code}",
                    server.endpoint.url + "/ui/settings") == "200"
            }
            let early = try signIn(at: servers[0])
            for server in servers { #expect(try isKnown(early, to: server)) }

            // Each step takes out the key of the cookie before, which shows that both servers have seen the new file.
            try install("replaced", second, third)
            for server in servers { #expect(try await happens { try !isKnown(early, to: server) }) }
            let late = try signIn(at: servers[0])
            for server in servers { #expect(try isKnown(late, to: server)) }

            try install("broken", "short")
            try install("ended", third)
            for server in servers { #expect(try await happens { try !isKnown(late, to: server) }) }
            let last = try signIn(at: servers[1])
            for server in servers {
                #expect(try isKnown(last, to: server))
                #expect(server.stop() == 0)
            }
        }
    }

    @Test(
        "Redis' password is replaced under a running server",
        .enabled(if: RedisServer.reasonToSkip == nil))
    func redisPassword() async throws {
        let redis = try RedisServer("--requirepass", "first")
        defer { redis.kill() }
        func ask(_ password: String, _ command: String...) throws -> String {
            try Binaries.run(
                URL(filePath: "/usr/bin/redis-cli"),
                ["-u", "redis://127.0.0.1:\(redis.port)", "--no-auth-warning", "-a", password] + command
            ).output
        }
        /// Of servers: one for calls, one that listens.
        func connections(_ password: String) throws -> Int {
            try ask(password, "CLIENT", "LIST").matches(of: /name=inframind/).count
        }
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "redis-url")
            func install(_ password: String) throws {
                try "redis://:\(password)@127.0.0.1:\(redis.port)\n".write(to: file, atomically: true, encoding: .utf8)
            }
            try install("first")
            let server = try RunningServer(
                data: folder.appending(path: "data"), arguments: ["--redis-url-file", file.path])
            #expect(try await happens { try connections("first") == 2 })
            #expect(try ask("first", "CONFIG", "SET", "requirepass", "second").contains("OK"))
            try install("second")
            for kind in ["normal", "pubsub"] { _ = try ask("second", "CLIENT", "KILL", "TYPE", kind) }
            #expect(try await happens { try connections("second") == 2 })
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
