import Foundation
import Scaffolding
import Telemetry
import Testing

@testable import Agent

@Suite struct AgentConfigurationTests {
    private func options(_ arguments: [String]) throws -> CommandLineOptions {
        guard case .run(let options) = CommandLineOptions.parse(arguments) else {
            Issue.record("not to be run: \(arguments)")
            return CommandLineOptions()
        }
        return options
    }

    private func read(_ text: String) throws -> AgentConfiguration {
        var configuration = AgentConfiguration()
        try configuration.read(Array(text.utf8), from: "agent.yaml")
        return configuration
    }

    @Test("Without arguments it listens on the loopback and runs every collector")
    func defaults() throws {
        let configuration = try options([]).configuration()
        #expect(configuration == AgentConfiguration())
        #expect(configuration.prometheus.listen.description == "127.0.0.1:9102")
        #expect(configuration.collectors == Collectors.names)
        #expect(!configuration.json.isEnabled)
        #expect(configuration.server.url == nil)
    }

    @Test("Options take their value after a space or an equals sign; the last counts")
    func flags() throws {
        var expected = AgentConfiguration()
        expected.prometheus.listen = ListenAddress(host: .v6([UInt8](repeating: 0, count: 15) + [1]), port: 0)
        expected.roots = KernelRoots(procfs: "/host/proc", sysfs: "/")
        expected.collectors = ["memory", "load"]
        expected.json = .init(isEnabled: true, path: "/var/log/agent.jsonl")
        expected.intervalSeconds = 0.5
        let arguments = [
            "--listen", "127.0.0.1:1", "--listen=[::1]:0", "--path-procfs", "/host/proc/", "--path-sysfs=/",
            "--collectors", "load,memory,load", "--json", "/var/log/agent.jsonl", "--interval=500ms",
        ]
        #expect(try options(arguments).configuration() == expected)
    }

    @Test("Help and version win over what follows")
    func helpAndVersion() {
        for arguments in [["--help", "--nonsense"], ["--listen", ":1", "-h"]] {
            guard case .help = CommandLineOptions.parse(arguments) else {
                Issue.record("no help")
                return
            }
        }
        guard case .version = CommandLineOptions.parse(["--version"]) else {
            Issue.record("no version")
            return
        }
        for name in Collectors.names { #expect(CommandLineOptions.help.contains(name)) }
    }

    @Test(
        "Arguments that make no sense are named",
        arguments: [
            (["extra"], "unexpected argument 'extra'"), (["--nonsense"], "unknown option '--nonsense'"),
            (["--lisen", ":1"], "did you mean '--listen'?"), (["--listen"], "--listen needs a value"),
            (["--listen="], "--listen needs a value"), (["--collectors", "cpu,gpu"], "there is no collector 'gpu'"),
            (["--collectors", "cpu,"], "''"), (["--listen", "here"], "not 'here'"),
            (["-v"], "unexpected argument '-v'"),
            (["--no-prometheus=1"], "takes no value"), (["--interval", "1"], nil),
            (["--interval", "0"], "from 100ms to 24h"),
            (["--path-procfs", "proc"], "begins with '/'"),
        ] as [([String], String?)])
    func usageErrors(arguments: [String], expected: String?) {
        guard case .usageError(let complaint) = CommandLineOptions.parse(arguments) else {
            #expect(expected == nil)
            return
        }
        #expect(complaint.contains(expected ?? "nothing"))
        #expect(InframindAgent.run(arguments) == 2)
    }

    @Test("Every key of the file is taken in")
    func file() throws {
        var expected = AgentConfiguration()
        expected.intervalSeconds = 120
        expected.roots = KernelRoots(procfs: "/host/proc", sysfs: "/host/sys")
        expected.collectors = ["cpu", "memory"]
        expected.labels = ConstantLabels([(name: "cluster", value: "ci: eu"), (name: "zone", value: "b")])
        expected.prometheus = .init(
            isEnabled: false, listen: ListenAddress(host: .v4(0, 0, 0, 0), port: 9200),
            tls: .init(certificate: "/c.crt", key: "/c.key"), tokenFile: "/token")
        expected.json = .init(isEnabled: true, path: "/log", rotateBytes: 1 << 20, keep: 0)
        expected.server = .init(
            url: "https://inframind.example", tokenFile: "/server-token", caFile: "/ca.crt", spool: "/spool")
        let text = """
            interval: 2m
            path-procfs: /host/proc
            path-sysfs: /host/sys/
            collectors:
              - memory
              - cpu
            labels:
              cluster: "ci: eu"
              zone: b
            exporters:
              prometheus:
                enabled: false
                listen: :9200
                tls:
                  certificate: /c.crt
                  key: /c.key
                token-file: /token
              json:
                enabled: true
                path: /log
                rotate-size: 1MiB
                keep: 0
            server:
              url: https://inframind.example
              token-file: /server-token
              ca-file: /ca.crt
              spool: /spool
            """
        #expect(try read(text) == expected)
        #expect(try read("") == AgentConfiguration())
        #expect(try read("exporters:\n  json:\n    path: stdout\n").json.path == nil)
    }

    @Test(
        "What is wrong is named with its place, all of it at once",
        arguments: [
            ("intervall: 1s", ["1:1: the configuration has no 'intervall'; did you mean 'interval'?"]),
            ("speed: 1", ["1:1: the configuration has no 'speed'; there are interval,"]),
            (
                "exporters:\n  json:\n    keep: 300\n    rotate: 1",
                ["3:11: 'keep' takes a whole number", "4:5: exporters.json has no 'rotate'"]
            ),
            (
                "interval: soon\ncollectors:\n  - cpu\n  - memry",
                ["1:11: 'interval' takes a time", "4:5: there is no collector 'memry'; did you mean 'memory'?"]
            ),
            ("exporters:\n  prometheus:\n    listen: 9102", ["3:13: 'listen' takes an address and a port"]),
            ("exporters:\n  prometheus:\n    tls:\n      certificate: /a", ["4:7: TLS needs both"]),
            ("exporters:\n  prometheus:\n    enabled: yes", ["3:14: 'enabled' takes true or false, not 'yes'"]),
            ("exporters:\n  prometheus:\n    enabled: false", ["1:1: nothing is left to do"]),
            (
                "labels:\n  9a: b\n  __x: c\n  ok:",
                ["2:3: '9a' cannot be a label", "3:3: '__x' cannot", "4:3: 'ok' needs a value"]
            ),
            ("labels: x", ["1:9: 'labels' takes names and values"]), ("server: x", ["1:9: server takes keys: url,"]),
            ("server:\n  url: ftp://a", ["2:8: 'url' begins with http:// or https://"]),
            ("- a", ["1:1: the configuration takes keys"]), ("path-procfs: proc", ["1:14: 'path-procfs' takes a path"]),
            ("exporters:\n  json:\n    rotate-size: 1", ["3:18: 'rotate-size' takes a size from 4KiB"]),
            ("a: [", ["1:4: lists and mappings in brackets"]),
        ])
    func problems(text: String, expected: [String]) {
        let refusal = #expect(throws: ConfigurationRefusal.self) { try read(text) }
        let lines = refusal?.lines ?? []
        #expect(lines.count == expected.count, "\(lines)")
        for (line, start) in zip(lines, expected) { #expect(line.hasPrefix("agent.yaml:" + start), "\(line)") }
    }

    @Test("Flags override the file, and --check says what is wrong with it")
    func overrides() throws {
        let folder = try TemporaryFolder()
        try folder.write("interval: 5s\nexporters:\n  prometheus:\n    listen: :1\n", to: "agent.yaml")
        let file = folder.path + "/agent.yaml"
        let configuration = try options(["--config", file, "--listen", ":2"]).configuration()
        #expect(configuration.prometheus.listen.port == 2)
        #expect(configuration.intervalSeconds == 5)
        #expect(InframindAgent.run(["--config", file, "--check"]) == 0)
        try folder.write("interval: 5 s\nexporters:\n", to: "agent.yaml")
        #expect(try options(["--config", file]).configuration().intervalSeconds == 5)
        try folder.write("interval: x\n", to: "agent.yaml")
        #expect(InframindAgent.run(["--check", "--config=" + file]) == 2)
        #expect(InframindAgent.run(["--config", file]) == 2)
        #expect(InframindAgent.run(["--config", folder.path + "/missing.yaml", "--check"]) == 2)
        #expect(InframindAgent.run(["--no-prometheus", "--check"]) == 2)
        try folder.write("exporters:\n  prometheus:\n    token-file: /nonexistent\n", to: "agent.yaml")
        #expect(InframindAgent.run(["--check", "--config", file]) == 2)
    }

    @Test("The example we ship is good, and says all there is to say")
    func example() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: repository.appending(path: "deploy/agent/agent.yaml"), encoding: .utf8)
        #expect(try read(text) == AgentConfiguration())
        // Every line that begins with '#' and not one space is a setting that is commented out, and stands below the
        // default it replaces.
        var all: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let bare = line.drop { $0 == " " }
            guard bare.first == "#", bare.count > 1, !bare.hasPrefix("# ") || bare.hasPrefix("#  ") else {
                all.append(line)
                continue
            }
            let setting = line.replacing("#", with: "", maxReplacements: 1)
            if let key = setting.firstIndex(of: ":").map({ setting[...$0] }), all.last?.hasPrefix(key) == true {
                all.removeLast()
            }
            all.append(setting)
        }
        let everything = try read(all.joined(separator: "\n"))
        #expect(everything.json.isEnabled)
        #expect(everything.prometheus.tls != nil)
        #expect(everything.prometheus.tokenFile != nil)
        #expect(everything.server.spool != nil)
        #expect(everything.labels != ConstantLabels())
        let reference = try String(contentsOf: repository.appending(path: "docs/agent.md"), encoding: .utf8)
        let keys = all.compactMap { $0.firstMatch(of: /^ *(?:- )?([a-z-]+):/)?.1 }
        #expect(keys.count > 20)
        for key in keys where !["cluster", "pool"].contains(key) {
            #expect(
                reference.contains("`\(key)`") || reference.contains(".\(key)`"),
                "docs/agent.md does not mention \(key)")
        }
    }

    @Test(
        "Addresses are numeric, with a port",
        arguments: [
            ("127.0.0.1:9102", "127.0.0.1:9102"), ("localhost:1", "127.0.0.1:1"), (":80", "0.0.0.0:80"),
            ("[::1]:0", "[::1]:0"), ("[2001:db8::a]:65535", "[2001:db8::a]:65535"), ("127.0.0.1", nil),
            ("127.0.0.1:", nil), ("127.0.0.1:65536", nil), ("127.0.0.1:-1", nil), ("::1:80", nil), ("[::1", nil),
            ("[]:1", nil), ("example.org:80", nil), ("", nil), (":", nil), ("300.0.0.1:1", nil),
        ] as [(String, String?)])
    func addresses(text: String, expected: String?) {
        #expect(ListenAddress(text)?.description == expected)
    }
}
