import Builds
import Foundation
import Logging
import Scaffolding
import Testing

@testable import Server

@Suite("Secrets come from files, too")
struct SecretFileTests {
    private func read(_ arguments: [String]) async throws -> ServerConfiguration {
        let sources = try await ConfigurationSources(options: CommandLineOptions(arguments), environment: [:])
        return try ServerConfiguration(config: sources.reader)
    }

    /// A file with `text`, for as long as the body runs.
    private func with(_ text: String, _ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        try folder.write(text, to: "secret")
        try await body(folder.path + "/secret")
    }

    @Test("Tokens stand one a line; empty lines and remarks are passed over")
    func tokens() async throws {
        try await with("# who may send\nred=secret-one\n\n  secret-two  \r\n") { path in
            let configuration = try await read(["--tokens-file", path])
            #expect(configuration.tokens.tenant(of: "secret-one") == TenantID("red"))
            #expect(configuration.tokens.tenant(of: "secret-two") == .default)
            #expect(configuration.tokens.tenants.count == 2)
        }
    }

    @Test("The URLs of PostgreSQL and Redis may be in files")
    func urls() async throws {
        try await with("postgresql://ci@db/inframind\n") { path in
            let database = try await read(["--database-url-file", path]).database
            #expect(database == .postgreSQLFile(path: path))
        }
        try await with("redis://:secret@cache:6380/2\n") { path in
            let redis = try await read(["--redis-url-file", path]).redis
            #expect(redis?.host == "cache" && redis?.port == 6380)
            let renewed = try redis?.renewed(by: ["redis://:other@elsewhere/2"], key: "redis-url-file")
            #expect(renewed?.host == "elsewhere")
            #expect(throws: ConfigurationError.self) {
                try redis?.renewed(by: ["redis://:other@cache:6380/3"], key: "redis-url-file")
            }
        }
    }

    @Test("Session keys stand one a line; the first seals, and each opens what it has sealed")
    func sessionKeys() async throws {
        let (newer, older) = (String(repeating: "n", count: 32), String(repeating: "o", count: 32))
        try await with("\(newer)\n# until tomorrow\n\(older)\n") { path in
            let configuration = try await read(["--session-key-file", path])
            #expect(configuration.sessionKeyFile == SecretFile(path: path))
            func seal(_ keys: SessionKeys) -> Seal { Seal({ keys }, purpose: "a test") }
            let (one, other) = (
                seal(try SessionKeys([newer], key: "newer")), seal(try SessionKeys([older], key: "older"))
            )
            let content = Data("who".utf8)
            #expect(try one.open(seal(configuration.sessionKeys).close(content)) == content)
            #expect(try other.open(seal(configuration.sessionKeys).close(content)) == nil)
            #expect(try seal(configuration.sessionKeys).open(other.close(content)) == content)
            let single = try await read(["--session-key", older]).sessionKeys
            #expect(try seal(single).open(other.close(content)) == content)
            #expect(try Seal({ single }, purpose: "another").open(other.close(content)) == nil)
        }
    }

    @Test("What is no text, and what is no file, is refused and not waited for")
    func unreadable() throws {
        let folder = try TemporaryFolder()
        let bytes = folder.path + "/bytes"
        try Data(repeating: 0xFF, count: 32).write(to: URL(filePath: bytes))
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [bytes, pipe] {
            #expect(throws: ConfigurationError.self) { try SecretFile(path: path).lines(key: "session-key-file") }
        }
    }

    @Test(
        "A replaced file that cannot be used is told of once, however often it is looked at, and the old secret stays")
    func reloading() throws {
        let folder = try TemporaryFolder()
        let file = SecretFile(path: folder.path + "/secret")
        try folder.write("the first", to: "secret")
        let log = LogLines()
        let logger = Logger(label: "test") { label in
            LineLogHandler(label: label, configuration: LoggingConfiguration(level: .trace)) { log.add($0) }
        }
        let secret = ReloadingSecret("the first", file: file, key: "tokens-file", logger: logger) { lines in
            guard let first = lines.first else { throw ConfigurationError(key: "tokens-file", "holds nothing") }
            return first
        }
        func lookThrice() { for _ in 1...3 { secret.look(at: file) } }
        func tellings(_ words: String) -> Int { log.text.ranges(of: words).count }
        lookThrice()
        #expect(log.text.isEmpty)
        for bad in [Data(repeating: 0xFF, count: 8), Data()] {
            try bad.write(to: URL(filePath: file.path))
            lookThrice()
            #expect(secret.value == "the first")
        }
        #expect(tellings("cannot be read") == 1 && tellings("cannot be used") == 1)
        // Gone for a moment, and back.
        try FileManager.default.removeItem(atPath: file.path)
        secret.look(at: file)
        try folder.write("the second", to: "secret")
        lookThrice()
        #expect(secret.value == "the second")
        #expect(tellings("cannot be read") == 1 && tellings("was reloaded") == 1)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var arguments: @Sendable (_ path: String) -> [String]
        var key: String

        static let all = [
            Refusal(
                testDescription: "a token that is too short", text: "red=secret-one\nred=short\n",
                arguments: { ["--tokens-file", $0] }, key: "tokens-file"),
            Refusal(
                testDescription: "no token at all", text: "# later\n", arguments: { ["--tokens-file", $0] },
                key: "tokens-file"),
            Refusal(
                testDescription: "tokens in two places", text: "red=secret-one\n",
                arguments: { ["--tokens-file", $0, "--tokens", "red=secret-two"] }, key: "tokens-file"),
            Refusal(
                testDescription: "a database in two places", text: "postgresql://ci:secret-one@db/inframind",
                arguments: { ["--database-url-file", $0, "--database-url", "sqlite:x.db"] }, key: "database-url-file"),
            Refusal(
                testDescription: "a file for SQLite, which has no secret", text: "sqlite:secret-one.db",
                arguments: { ["--database-url-file", $0] }, key: "database-url-file"),
            Refusal(
                testDescription: "an empty URL", text: "\n", arguments: { ["--database-url-file", $0] },
                key: "database-url-file"),
            Refusal(
                testDescription: "Redis over TLS", text: "rediss://:secret-one@cache",
                arguments: { ["--redis-url-file", $0] }, key: "redis-url-file"),
            Refusal(
                testDescription: "a session key that can be guessed",
                text: "secret-one-that-has-the-32-characters\nsecret-one\n", arguments: { ["--session-key-file", $0] },
                key: "session-key-file"),
            Refusal(
                testDescription: "no session key at all", text: "", arguments: { ["--session-key-file", $0] },
                key: "session-key-file"),
            Refusal(
                testDescription: "more session keys than anybody replaces",
                text: String(repeating: "secret-one-that-has-the-32-characters\n", count: 9),
                arguments: { ["--session-key-file", $0] }, key: "session-key-file"),
            Refusal(
                testDescription: "session keys in two places", text: "secret-one-that-has-the-32-characters",
                arguments: { ["--session-key-file", $0, "--session-key", String(repeating: "k", count: 32)] },
                key: "session-key-file"),
            Refusal(
                testDescription: "a short session key on the command line", text: "",
                arguments: { _ in ["--session-key", "secret-one"] }, key: "session-key"),
            Refusal(
                testDescription: "a file that is not there", text: "", arguments: { ["--tokens-file", $0 + ".none"] },
                key: "tokens-file"),
            Refusal(
                testDescription: "a folder", text: "", arguments: { _ in ["--redis-url-file", "/proc"] },
                key: "redis-url-file"),
            Refusal(
                testDescription: "a file without end", text: "", arguments: { _ in ["--tokens-file", "/dev/zero"] },
                key: "tokens-file"),
        ]
    }

    @Test("What is in a file is refused like what is on the command line, by the key's name", arguments: Refusal.all)
    func refusals(_ refusal: Refusal) async throws {
        try await with(refusal.text) { path in
            let error = await #expect(throws: ConfigurationError.self) {
                _ = try await self.read(refusal.arguments(path))
            }
            #expect(error?.description.hasPrefix(refusal.key) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("secret-one") == false)
        }
    }
}

@Suite("A new installation makes a token of its own")
struct FirstTokenTests {
    private func call(_ arguments: String...) async -> Int32 {
        await Server.run(arguments: ["first-token"] + arguments, environment: [:])
    }

    @Test("It is made once, is nobody else's to read, and is good as a tokens file")
    func once() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = folder.path + "/tokens"
        #expect(await call("--to", path) == 0)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(await call("--to", path) == 0)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)

        let tokens = try AccessTokens(file: SecretFile(path: path))
        var shown: [String] = []
        try FirstToken(path: path) { shown.append($0) }.show()
        #expect(shown.count == 1 && tokens.tenant(of: shown[0]) == .default)
        #expect(shown.first.flatMap(TokenSecret.init) != nil)
        let other = folder.path + "/others"
        #expect(await call("--to", other) == 0)
        #expect(try String(contentsOfFile: other, encoding: .utf8) != text)
    }

    @Test("The tenant's name is not shown with the token")
    func named() throws {
        let folder = try TemporaryFolder()
        try folder.write("red=secret-one\nblue=secret-two\n", to: "tokens")
        var shown: [String] = []
        try FirstToken(path: folder.path + "/tokens") { shown.append($0) }.show()
        #expect(shown == ["secret-one"])
    }

    @Test("It follows no link, and says why it cannot be made")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/elsewhere")
        #expect(await call("--to", link) == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/elsewhere"))
        #expect(await call("--to", folder.path + "/none/tokens") == 1)
        #expect(await call("--from", folder.path + "/none") == 2)
        #expect(await call() == 2)
        #expect(await call("--from", link, "--to", link) == 2)
    }
}
