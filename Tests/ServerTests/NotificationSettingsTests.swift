import Builds
import Foundation
import Notifications
import Scaffolding
import Testing

@testable import Server

@Suite("Who is told is configured like the rest")
struct NotificationSettingsTests {
    private func read(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) async throws -> NotificationSettings {
        let folder = try TemporaryFolder()
        try folder.write(file ?? "", to: "inframind.yaml")
        let named = file == nil ? [] : ["--config", folder.path + "/inframind.yaml"]
        let sources = try await ConfigurationSources(
            options: CommandLineOptions(arguments + named), environment: environment)
        return try ServerConfiguration(config: sources.reader).notifications
    }

    @Test("Destinations stand in the file, their secrets in the environment or files of their own")
    func everyKey() async throws {
        let folder = try TemporaryFolder()
        try folder.write("https://hooks.example.org/SECRETPATH\n", to: "slack-url")
        try folder.write("*{{step}}*", to: "slack.mustache")
        let settings = try await read(
            environment: [
                "INFRAMIND_NOTIFY_PAGER_URL": "http://alertmanager:9093", "INFRAMIND_NOTIFY_PAGER_TOKEN": "TOKENSECRET",
                "INFRAMIND_NOTIFY_HOOK_2_SIGNING_SECRET": "SIGNINGSECRET-SIGNINGSECRET",
            ],
            file: """
                notify-destinations: [ops, pager, hook-2]
                digest-time: friday 17
                public-url: https://inframind.example/
                notify:
                  ops:
                    kind: slack
                    url-file: \(folder.path)/slack-url
                    events: [oom, digest]
                    tenants: [red, "team-*"]
                    pipelines: ["shop/*"]
                    min-interval: 2.5
                    repeat-interval: 600
                    attempts: 3
                    template-file: \(folder.path)/slack.mustache
                  pager:
                    kind: alertmanager
                  hook-2:
                    kind: webhook
                    url: https://example.org/hook
                """)
        #expect(settings.destinations.map(\.name) == ["ops", "pager", "hook-2"])
        #expect(settings.destinations.map(\.kind) == [.slack, .alertmanager, .webhook])
        #expect(settings.digest == DigestSchedule(weekday: 4, hour: 17))
        #expect(settings.publicURL == "https://inframind.example")
        let ops = settings.destinations[0]
        #expect(ops.events == [.oom, .digest] && ops.template != nil)
        #expect(ops.tenants.map(\.text) == ["red", "team-*"] && ops.pipelines.map(\.text) == ["shop/*"])
        #expect(
            ops.policy.shortestIntervalSeconds == 2.5 && ops.policy.repeatSeconds == 600 && ops.policy.attempts == 3)
        #expect(ops.address == (try DestinationAddress("https://hooks.example.org/SECRETPATH")))
        #expect(settings.destinations[1].token == Secret("TOKENSECRET"))
        #expect(settings.destinations[1].events == Set(MessageKind.allCases).subtracting([.digest]))
        #expect(settings.destinations[2].signature != nil)
    }

    @Test("Without destinations nobody is told")
    func none() async throws {
        #expect(try await read().destinations.isEmpty)
        #expect(try await read(["--notify-destinations="]).destinations.isEmpty)
    }

    @Test(
        "What cannot be used names its key, and never a secret",
        arguments: [
            ("notify.ops.kind", "url: https://SECRET.example"),
            ("notify.ops.kind", "kind: pigeon\n    url: https://SECRET.example"),
            ("notify.ops.url", "kind: slack"), ("notify.ops.url", "kind: slack\n    url: ftp://SECRET.example"),
            ("notify.ops.url", "kind: slack\n    url: http://SECRET.example"),
            ("notify.ops.url", "kind: webhook\n    url: https://user:SECRET@example.org"),
            ("notify.ops.url", "kind: webhook\n    url: https://SECRET.example\n    url-file: /none/such"),
            ("notify.ops.url-file", "kind: webhook\n    url-file: /none/such"),
            ("notify.ops.url-file", "kind: webhook\n    url-file: /dev/zero"),
            ("notify.ops.token", "kind: webhook\n    url: https://example.org\n    token: \"SECRET SECRET\""),
            ("notify.ops.signing-secret", "kind: webhook\n    url: https://example.org\n    signing-secret: SECRET"),
            (
                "notify.ops.signing-secret",
                "kind: slack\n    url: https://example.org\n    signing-secret: SECRETSECRETSECRETSECRET"
            ),
            ("notify.ops.events", "kind: webhook\n    url: https://SECRET.example\n    events: [oom, tea]"),
            ("notify.ops.events", "kind: alertmanager\n    url: https://SECRET.example\n    events: digest"),
            ("notify.ops.attempts", "kind: webhook\n    url: https://SECRET.example\n    attempts: 0"),
            ("notify.ops.min-interval", "kind: webhook\n    url: https://SECRET.example\n    min-interval: soon"),
            (
                "notify.ops.template-file",
                "kind: webhook\n    url: https://SECRET.example\n    template-file: /none/such"
            ),
        ])
    func badValue(_ key: String, _ keys: String) async throws {
        let file = "notify-destinations: ops\nnotify:\n  ops:\n    \(keys)\n"
        let error = await #expect(throws: ConfigurationError.self) { _ = try await read(file: file) }
        #expect(error?.description.hasPrefix(key) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("SECRET") == false, "\(error?.description ?? "")")
    }

    @Test(
        "Names, times and addresses are checked",
        arguments: [
            ("notify-destinations", "Ops"), ("notify-destinations", "a,a"), ("notify-destinations", "a b"),
            ("digest-time", "monday"), ("digest-time", "monday 25"), ("public-url", "inframind.example"),
            ("public-url", "https://u:p@inframind.example"),
        ])
    func badFlag(_ key: String, _ value: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { _ = try await read(["--\(key)=\(value)"]) }
        #expect(error?.description.hasPrefix(key == "notify-destinations" && value == "a,a" ? "notify" : key) == true)
        #expect(error?.description.contains("u:p") == false)
    }
}
