import Builds
import Foundation
import Logging
import Optimizer
import Testing

@testable import Server

@Suite("The configuration comes from flags, environment and file, in this order")
struct ConfigurationTests {
    private func read(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) async throws -> ServerConfiguration {
        var arguments = arguments
        let path = NSTemporaryDirectory() + "inframind-\(UUID().uuidString).yaml"
        if let file {
            try file.write(toFile: path, atomically: true, encoding: .utf8)
            arguments += ["--config", path]
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sources = try await ConfigurationSources(options: CommandLineOptions(arguments), environment: environment)
        return try ServerConfiguration(config: sources.reader)
    }

    struct Precedence: Sendable, CustomTestStringConvertible {
        var flag: String?
        var variable: String?
        var file: String?
        var port: Int

        var testDescription: String { "flag \(flag ?? "-"), environment \(variable ?? "-"), file \(file ?? "-")" }
    }

    @Test(
        "Precedence",
        arguments: [
            Precedence(flag: nil, variable: nil, file: nil, port: 8080),
            Precedence(flag: nil, variable: nil, file: "port: 3", port: 3),
            Precedence(flag: nil, variable: "2", file: "port: 3", port: 2),
            Precedence(flag: "1", variable: "2", file: "port: 3", port: 1),
            Precedence(flag: "1", variable: nil, file: "port: 3", port: 1),
            Precedence(flag: nil, variable: "", file: "port: 3", port: 8080),
            Precedence(flag: "0", variable: "2", file: nil, port: 0),
        ])
    func precedence(_ row: Precedence) async throws {
        let configuration = try await read(
            row.flag.map { ["serve", "--port", $0] } ?? [],
            environment: row.variable.map { ["INFRAMIND_PORT": $0] } ?? [:], file: row.file)
        #expect(configuration.address.port == row.port)
    }

    @Test("Every key can be set in every place")
    func everyKey() async throws {
        let configuration = try await read(
            ["--host=::1", "--data", "/a,b", "--oom-risk", "0.1", "--metrics-public"],
            environment: [
                "INFRAMIND_ENVIRONMENT": "production", "INFRAMIND_TOKENS": "red=secret-one, secret-two",
                "INFRAMIND_LOG_FORMAT": "json", "INFRAMIND_SEED": "42",
            ],
            file: "log-level: debug\nmax-request-bytes: 2048\nrequest-timeout: 2.5\nidle-timeout: 9\n"
                + "exploration-rate: 0\ncontrol-rate: 0.5\ncpu-price: 1\nmemory-price: 2\n")
        #expect(configuration.address.host == "::1")
        #expect(configuration.database == .sqlite(path: "/a,b/inframind.db"))
        #expect(configuration.environment == .production)
        #expect(configuration.tokens.tenant(of: "secret-one") == TenantID("red"))
        #expect(configuration.tokens.tenant(of: "secret-two") == .default)
        #expect(configuration.limits == RequestLimits(bodyBytes: 2048, timeoutSeconds: 2.5, idleTimeoutSeconds: 9))
        #expect(configuration.logging == LoggingConfiguration(level: .debug, format: .json))
        #expect(configuration.metricsArePublic)
        #expect(configuration.optimizer.oomRisk == 0.1)
        #expect(configuration.optimizer.explorationRate == 0)
        #expect(configuration.optimizer.controlRate == 0.5)
        #expect(configuration.optimizer.cpuPricePerCoreHourUSD == 1)
        #expect(configuration.optimizer.memoryPricePerGiBHourUSD == 2)
        #expect(configuration.seed == 42)
    }

    @Test("Tokens may be a list in the file")
    func tokenList() async throws {
        let configuration = try await read(file: "tokens:\n  - red=secret-one\n  - blue=secret-two\n")
        #expect(configuration.tokens.tenants == [TenantID("red"), TenantID("blue")])
        #expect(!configuration.tokens.containsDevelopmentKey)
    }

    @Test("Pools have prices of their own")
    func poolPrices() async throws {
        let spot = PoolPrices(cpuPerCoreHourUSD: 0.0121, memoryPerGiBHourUSD: 0.0013)
        let listed = try await read(["--pool-prices", "spot=0.0121/0.0013,a=b=1/2"]).optimizer.poolPrices
        #expect(listed == ["spot": spot, "a=b": PoolPrices(cpuPerCoreHourUSD: 1, memoryPerGiBHourUSD: 2)])
        #expect(try await read(file: "pool-prices:\n  - spot=0.0121/0.0013\n").optimizer.poolPrices == ["spot": spot])
        #expect(try await read().optimizer.poolPrices.isEmpty)
    }

    @Test("Metrics are private in production unless somebody says otherwise")
    func metricsInProduction() async throws {
        #expect(try await read(["--environment", "production"]).metricsArePublic == false)
        #expect(try await read(["--environment", "development"]).metricsArePublic)
    }

    @Test(
        "A bad value names its key",
        arguments: [
            ("port", "http"), ("port", "70000"), ("port", "-1"), ("environment", "staging"), ("log-level", "loud"),
            ("log-format", "xml"), ("request-timeout", "0"), ("request-timeout", "nan"), ("oom-risk", "2"),
            ("exploration-rate", "-0.1"), ("seed", "-4"), ("metrics-public", "maybe"), ("database-url", "mysql://x"),
            ("database-url", "mysql://u:p@h/d"), ("database-url", "sqlite:"), ("redis-url", "rediss://u:p@h"),
            ("redis-url", "http://u:p@h"), ("rate-limit", "-1"), ("drain-seconds", "x"),
            ("tokens", "short"), ("tokens", "bad name=secret-one"), ("tokens", "a=secret-one,b=secret-one"),
            ("max-request-bytes", "1e6"), ("cpu-price", "free"),
            ("pool-prices", "spot"), ("pool-prices", "spot=1"), ("pool-prices", "spot=1/x"), ("pool-prices", "=1/2"),
            ("pool-prices", "spot=-1/2"), ("pool-prices", "a=1/2,a=1/2"), ("pool-prices", "a=1/2/3"),
        ])
    func badValue(_ key: String, _ value: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { _ = try await self.read(["--\(key)=\(value)"]) }
        #expect(error?.description.hasPrefix(key) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("secret-one") == false)
        #expect(error?.description.contains("u:p") == false)
    }

    /// What is set beside an issuer, a client, roles and a public URL, and the key that is named; `nil`: all is well.
    @Test(
        "How people sign in is checked before anybody does",
        arguments: [
            ([:], nil), (["public-url": ""], "public-url"), (["oidc-client-id": ""], "oidc-client-id"),
            (["oidc-issuer": ""], "oidc-issuer"), (["oidc-issuer": "http://id.example"], "oidc-issuer"),
            (["oidc-issuer": "https://id.example/?a=b"], "oidc-issuer"), (["oidc-issuer": "id.example"], "oidc-issuer"),
            (["oidc-issuer": "http://127.0.0.1:9000"], nil), (["oidc-roles": ""], "oidc-roles"),
            (["oidc-roles": "", "oidc-default-scope": "read@red"], nil), (["oidc-roles": "ci=ingest"], "oidc-roles"),
            (["oidc-default-scope": "read@*"], "oidc-default-scope"), (["oidc-scopes": "profile"], "oidc-scopes"),
            (["oidc-session-seconds": "86400"], "oidc-session-seconds"), (["oidc-ca-file": "/none"], "oidc-ca-file"),
            (["oidc-client-secret": "secret-one", "oidc-client-secret-file": "/none"], "oidc-client-secret"),
            (["oidc-client-secret-file": "/none"], "oidc-client-secret-file"),
        ] as [([String: String], String?)])
    func openID(_ changes: [String: String], _ key: String?) async throws {
        let values = [
            "oidc-issuer": "https://id.example/realm/", "oidc-client-id": "inframind", "oidc-roles": "ci-*=read@*",
            "public-url": "https://inframind.example/",
        ].merging(changes) { $1 }
        let arguments = values.map { "--\($0.key)=\($0.value)" }
        guard let key else {
            let openID = try #require(try await read(arguments).openID)
            #expect(openID.redirectURI == "https://inframind.example/ui/sign-in/oidc/callback")
            #expect(changes["oidc-issuer"] != nil || openID.issuer == "https://id.example/realm/")
            return
        }
        let error = await #expect(throws: ConfigurationError.self) { _ = try await self.read(arguments) }
        #expect(error?.description.hasPrefix(key) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("secret-one") == false)
    }

    @Test("A list where one value belongs is refused")
    func listForValue() async throws {
        await #expect(throws: ConfigurationError.self) { _ = try await self.read(file: "port: [1, 2]\n") }
    }

    @Test("A file that is named must be there, and must be a mapping")
    func badFile() async throws {
        await #expect(throws: ConfigurationError.self) { _ = try await self.read(["--config", "/none/such.yaml"]) }
        await #expect(throws: ConfigurationError.self) { _ = try await self.read(file: "- a\n- b\n") }
    }

    @Test(
        "Words and flags nobody knows are refused",
        arguments: [["--prot", "1"], ["run"], ["serve", "now"], ["--port"], ["--port", "--host"], ["-x"]])
    func unknownArguments(_ arguments: [String]) {
        #expect(throws: ConfigurationError.self) { _ = try CommandLineOptions(arguments) }
    }

    struct Safety: Sendable, CustomTestStringConvertible {
        var host: String
        var environment: DeploymentEnvironment
        var hasOwnToken: Bool
        var starts: Bool

        var testDescription: String { "\(host), \(environment), \(hasOwnToken ? "own token" : "development key")" }
    }

    @Test(
        "The development key works in development on loopback, and nowhere else",
        arguments: [
            Safety(host: "127.0.0.1", environment: .development, hasOwnToken: false, starts: true),
            Safety(host: "localhost", environment: .development, hasOwnToken: false, starts: true),
            Safety(host: "::1", environment: .development, hasOwnToken: false, starts: true),
            Safety(host: "0.0.0.0", environment: .development, hasOwnToken: false, starts: false),
            Safety(host: "127.evil.example", environment: .development, hasOwnToken: false, starts: false),
            Safety(host: "10.0.0.7", environment: .development, hasOwnToken: false, starts: false),
            Safety(host: "127.0.0.1", environment: .production, hasOwnToken: false, starts: false),
            Safety(host: "0.0.0.0", environment: .production, hasOwnToken: true, starts: true),
        ])
    func safety(_ row: Safety) throws {
        var configuration = ServerConfiguration()
        configuration.address.host = row.host
        configuration.environment = row.environment
        if row.hasOwnToken { configuration.tokens = try AccessTokens(["red=secret-one"]) }
        if row.starts {
            try configuration.checkSafety()
        } else {
            #expect(throws: ConfigurationError.self) { try configuration.checkSafety() }
        }
    }

    @Test("The development key named by hand is still the development key")
    func namedDevelopmentKey() throws {
        var configuration = ServerConfiguration()
        configuration.environment = .production
        configuration.tokens = try AccessTokens(["red=\(AccessTokens.developmentKey)"])
        #expect(throws: ConfigurationError.self) { try configuration.checkSafety() }
    }

    @Test(
        "Called wrongly, the program ends with status 2; asked for help, with 0",
        arguments: [
            (["--help"], 0), (["--version"], 0), (["serve", "-h"], 0), (["--nonsense"], 2), (["--port", "x"], 2),
            (["--host", "0.0.0.0"], 2), (["--lightgbm-library", "/none/such.so"], 2),
        ] as [([String], Int32)])
    func exitStatus(_ arguments: [String], _ status: Int32) async {
        #expect(await Server.run(arguments: arguments, environment: [:]) == status)
    }

    @Test("The help names every key")
    func help() {
        for key in ConfigurationKey.all { #expect(UsageText.text.contains("--\(key.name) ")) }
        #expect(ConfigurationKey.all.first { $0.name == "database-url" }?.environmentName == "INFRAMIND_DATABASE_URL")
    }
}
