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
        var configuration = try options([]).configuration()
        configuration.collecting.caches = .init()
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
        expected.attribution.isEnabled = false
        expected.attribution.kubelet = "http://127.0.0.1:10255"
        let arguments = [
            "--listen", "127.0.0.1:1", "--listen=[::1]:0", "--path-procfs", "/host/proc/", "--path-sysfs=/",
            "--collectors", "load,memory,load", "--json", "/var/log/agent.jsonl", "--interval=500ms",
            "--no-attribution", "--kubelet", "http://127.0.0.1:10255",
        ]
        var configuration = try options(arguments).configuration()
        configuration.collecting.caches = .init()
        #expect(configuration == expected)
    }

    @Test("A file that is something else altogether is refused in fifty lines, however long it is")
    func manyProblems() throws {
        let text = (0..<5000).map { "key\($0): \(String(repeating: "x", count: 10))\n" }.joined()
        let refusal = #expect(throws: ConfigurationRefusal.self) { _ = try read(text) }
        let lines = refusal?.lines ?? []
        #expect(lines.count == 51)
        #expect(lines.first?.hasPrefix("agent.yaml:1:1: the configuration has no 'key0'; ") == true)
        #expect(lines.last == "agent.yaml: and 4950 further problems")
    }

    @Test("What a complaint quotes is cut short")
    func longComplaint() throws {
        let refusal = #expect(throws: ConfigurationRefusal.self) {
            _ = try read(String(repeating: "k", count: 100_000) + ": 1\n")
        }
        #expect((refusal?.lines.first?.utf8.count ?? .max) < 1000)
    }

    @Test("As many cgroups can be configured as are shown, and no more")
    func cgroupLimit() throws {
        func configured(_ count: Int) -> String {
            "cgroups:\n" + (0..<count).map { "  - /ci.slice/runner-\($0)\n" }.joined()
        }
        #expect(try read(configured(CgroupSelection.limit)).collecting.cgroups.count == CgroupSelection.limit)
        let refusal = #expect(throws: ConfigurationRefusal.self) { _ = try read(configured(CgroupSelection.limit + 1)) }
        #expect(refusal?.problems.first?.message == "'cgroups' takes \(CgroupSelection.limit) paths at most")
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
            (["--interval", "0"], "from 100ms to 24h"), (["--kubelet", "10255"], "such as http://127.0.0.1:10255"),
            (["--no-attribution=1"], "takes no value"),
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
        expected.collecting.processGroups = [.init(name: "compilers", commands: ["cc1plus", "rustc*"])]
        expected.collecting.cgroups = ["/ci.slice"]
        expected.collecting.caches = .init(
            ccacheDirectories: ["/ccache"], sccachePorts: [4226], bazelDiskCaches: ["/bazel"],
            bazelCommandLogs: ["/output/command.log"], gradleHomes: ["/gradle"])
        expected.prometheus = .init(
            isEnabled: false, listen: ListenAddress(host: .v4(0, 0, 0, 0), port: 9200),
            tls: .init(certificate: "/c.crt", key: "/c.key"), tokenFile: "/token")
        expected.json = .init(isEnabled: true, path: "/log", rotateBytes: 1 << 20, keep: 0)
        expected.server = .init(
            url: "https://inframind.example", tokenFile: "/server-token", caFile: "/ca.crt",
            identity: .init(certificate: "/client.crt", key: "/client.key"), spool: "/spool")
        expected.attribution = .init(
            isEnabled: false, intervalSeconds: 0.5, reportIntervalSeconds: 300, settleSeconds: 0,
            usesExitRecords: false, kubelet: "http://127.0.0.1:10255", podLabels: ["/kubelet", "/k0s/kubelet"])
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
            processes:
              - group: compilers
                commands:
                  - cc1plus
                  - rustc*
            cgroups:
              - /ci.slice/
            caches:
              ccache: /ccache
              sccache-ports:
                - 4226
              bazel-disk-caches:
                - /bazel
              bazel-command-logs:
                - /output/command.log
              gradle-homes:
                - /gradle
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
              client-certificate: /client.crt
              client-key: /client.key
              spool: /spool
            attribution:
              enabled: false
              interval: 500ms
              report-interval: 5m
              settle: 0
              exit-records: false
              kubelet: http://127.0.0.1:10255
              pod-labels:
                - /kubelet/
                - /k0s/kubelet
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
            ("server:\n  url: https://a.example\n  client-key: /a", ["2:3: a client needs both"]),
            ("exporters:\n  prometheus:\n    enabled: yes", ["3:14: 'enabled' takes true or false, not 'yes'"]),
            ("exporters:\n  prometheus:\n    enabled: false", ["1:1: nothing is left to do"]),
            (
                "labels:\n  9a: b\n  __x: c\n  ok:",
                ["2:3: '9a' cannot be a label", "3:3: '__x' cannot", "4:3: 'ok' needs a value"]
            ),
            ("labels: x", ["1:9: 'labels' takes names and values"]), ("server: x", ["1:9: server takes keys: url,"]),
            ("server:\n  url: ftp://a", ["2:8: 'url' begins with http:// or https://"]),
            ("server:\n  url: http://a:0", ["2:8: 'url': server 'http://a:0' has no port"]),
            ("attribution:\n  settle: 2h", ["2:11: 'settle' takes a time from 0s to 1h, such as"]),
            ("attribution:\n  interval: 61", ["2:13: 'interval' takes a time from 100ms to 1m, such as"]),
            ("attribution:\n  report-interval: 0.5", ["2:20: 'report-interval' takes a time from 1s to 24h, such as"]),
            ("attribution:\n  kubelet: https://a:10250", ["2:12: 'kubelet' takes the kubelet's read-only port"]),
            ("attribution:\n  pod-labels: kubelet", ["2:15: 'pod-labels' takes a path that begins with '/'"]),
            (
                "attribution:\n  exit-record: true",
                ["2:3: attribution has no 'exit-record'; did you mean 'exit-records'?"]
            ),
            (
                "exporters:\n  prometheus:\n    enabled: false\nserver:\n  url: http://a\nattribution:\n  enabled: false",
                ["1:1: nothing is left to do"]
            ),
            ("- a", ["1:1: the configuration takes keys"]), ("path-procfs: proc", ["1:14: 'path-procfs' takes a path"]),
            ("exporters:\n  json:\n    rotate-size: 1", ["3:18: 'rotate-size' takes a size from 4KiB"]),
            ("processes:\n  - group: a", ["2:5: a group of processes needs 'group' and 'commands'"]),
            (
                "processes:\n  - group: a\n    commands: b\n  - group: a\n    commands: c",
                ["4:5: the group 'a' is there twice"]
            ),
            (
                "processes:\n  - group: a\n    commands: a-very-long-command",
                ["2:5: 'a-very-long-command' matches nothing"]
            ),
            ("processes: a", ["1:12: 'processes' takes a list"]), ("cgroups: a", ["1:10: 'cgroups' takes a path"]),
            ("caches:\n  sccache-ports:\n    - 0", ["3:7: 'sccache-ports' takes ports"]),
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

    @Test(
        "--check opens what attribution will read",
        arguments: [
            ("token-file: TOKEN", nil, "server.token-file: /"), ("spool: /s", "pod-labels: FOLDER", nil),
            ("spool: /s", "pod-labels: FOLDER/missing", "attribution.pod-labels: /"),
            ("token-file: TOKEN", "enabled: false", nil), ("spool: /s", "kubelet: http://127.0.0.1:10255", nil),
        ] as [(String, String?, String?)])
    func checks(server: String, attribution: String?, finding: String?) throws {
        let folder = try TemporaryFolder()
        // A token of nothing but spaces.
        try folder.write("  \n", to: "token")
        let text = """
            server:
              url: http://127.0.0.1:1
              \(server)
            \(attribution.map { "attribution:\n  \($0)" } ?? "")
            """
        let file = text.replacing("TOKEN", with: folder.path + "/token").replacing("FOLDER", with: folder.path)
        let findings = RunningAgent.findings(try read(file))
        #expect(findings.count == (finding == nil ? 0 : 1), "\(findings)")
        if let finding { #expect(findings.first?.hasPrefix(finding) == true, "\(findings)") }
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
        #expect(everything.attribution.kubelet != nil)
        #expect(everything.attribution.podLabels.count == 1)
        #expect(everything.labels != ConstantLabels())
        #expect(!everything.collecting.processGroups.isEmpty)
        #expect(!everything.collecting.caches.gradleHomes.isEmpty)
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
