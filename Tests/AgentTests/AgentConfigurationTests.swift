import Telemetry
import Testing

@testable import Agent

@Suite struct AgentConfigurationTests {
    @Test("Without arguments it listens on the loopback and runs every collector")
    func defaults() {
        guard case .run(let configuration) = AgentConfiguration.parse([]) else {
            Issue.record("no configuration")
            return
        }
        #expect(configuration.listen.description == "127.0.0.1:9102")
        #expect(configuration.roots == KernelRoots())
        #expect(configuration.collectors == ["cpu", "memory", "load", "pressure", "self"])
    }

    @Test("Options take their value after a space or an equals sign; the last counts")
    func options() {
        var expected = AgentConfiguration()
        expected.listen = ListenAddress(host: .v6([UInt8](repeating: 0, count: 15) + [1]), port: 0)
        expected.roots = KernelRoots(procfs: "/host/proc", sysfs: "/host/sys")
        expected.collectors = ["memory", "load"]
        let arguments = [
            "--listen", "127.0.0.1:1", "--listen=[::1]:0", "--path-procfs", "/host/proc/", "--path-sysfs=/host/sys",
            "--collectors", "load,memory,load",
        ]
        #expect(AgentConfiguration.parse(arguments) == .run(expected))
        #expect(AgentConfiguration.parse(["--path-procfs", "/"]) != .run(AgentConfiguration()))
    }

    @Test("Help and version win over what follows")
    func helpAndVersion() {
        #expect(AgentConfiguration.parse(["--help", "--nonsense"]) == .help)
        #expect(AgentConfiguration.parse(["--listen", ":1", "-h"]) == .help)
        #expect(AgentConfiguration.parse(["--version"]) == .version)
        for name in Collectors.names { #expect(AgentConfiguration.help.contains(name)) }
    }

    @Test(
        "Arguments that make no sense are named",
        arguments: [
            (["extra"], "unexpected argument 'extra'"), (["--nonsense"], "unknown option '--nonsense'"),
            (["--listen"], "--listen needs a value"), (["--listen="], "--listen needs a value"),
            (["--collectors", "cpu,gpu"], "there is no collector 'gpu'"), (["--collectors", "cpu,"], "''"),
            (["--listen", "here"], "not 'here'"), (["-v"], "unexpected argument '-v'"),
        ])
    func usageErrors(arguments: [String], expected: String) {
        guard case .usageError(let complaint) = AgentConfiguration.parse(arguments) else {
            Issue.record("accepted")
            return
        }
        #expect(complaint.contains(expected))
        #expect(InframindAgent.run(arguments) == 2)
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
