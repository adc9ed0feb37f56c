import Foundation
import Scaffolding
import Testing

@testable import Agent

/// Units and manifests name what the program has: flags, files, ports, variables, capabilities.
@Suite struct PackagingTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: repository.appending(path: path), encoding: .utf8)
    }

    /// In CI the tools are installed, or the tests fail.
    private static func isThere(_ tool: String) -> Bool {
        ProcessInfo.processInfo.environment["CI"] != nil || FileManager.default.isExecutableFile(atPath: tool)
    }

    private static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func options(_ words: [String]) throws -> CommandLineOptions {
        guard case .run(let options) = CommandLineOptions.parse(words) else {
            Issue.record("the agent does not take \(words)")
            return CommandLineOptions()
        }
        return options
    }

    // MARK: systemd

    private static let unit = "deploy/systemd/inframind-agent.service"
    static let dropIns = ["attribution", "caches", "json-lines", "metrics-tls", "metrics-token"]

    private static func dropIn(_ name: String) -> String { "\(unit).d/\(name).conf" }

    /// Values of the settings of a unit, in their order.
    private static func settings(_ path: String) throws -> [(key: String, value: String)] {
        try text(path).split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("[") }.map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
        }
    }

    private static func values(_ key: String, in path: String) throws -> [String] {
        try settings(path).filter { $0.key == key }.map(\.value)
    }

    @Test("The unit starts the program with options that it has, and checks before it reloads")
    func unitOptions() throws {
        let commands = try Self.settings(Self.unit).filter { $0.key.hasPrefix("Exec") }
        #expect(commands.map(\.key) == ["ExecStart", "ExecReload", "ExecReload"])
        let ours = commands.map { $0.value.split(separator: " ").map(String.init) }.filter {
            $0.first?.hasSuffix("/inframind-agent") == true
        }
        #expect(ours.map(\.first) == ["/usr/local/bin/inframind-agent", "/usr/local/bin/inframind-agent"])
        for words in ours {
            let options = try Self.options(Array(words.dropFirst()))
            #expect(options.file == "/etc/inframind/agent.yaml")
        }
        #expect(try Self.options(Array(ours[1].dropFirst())).isCheck)
        #expect(commands[2].value == "/bin/kill -HUP $MAINPID")
        #expect(try Self.values("RestartPreventExitStatus", in: Self.unit) == ["2"])
    }

    /// The configuration that the comment of a drop-in shows.
    private static func shown(_ dropIn: String) throws -> AgentConfiguration {
        let lines = try text(dropIn).split(separator: "\n").filter { $0.hasPrefix("#   ") }
            .map { $0.dropFirst("#   ".count) }
            .filter { !$0.hasPrefix("(") }
        var configuration = AgentConfiguration()
        try configuration.read(Array((lines.joined(separator: "\n") + "\n").utf8), from: dropIn)
        return configuration
    }

    @Test("What a drop-in says to configure is configuration, and names the files that it brings", arguments: dropIns)
    func dropInConfiguration(name: String) throws {
        let file = Self.dropIn(name)
        let configuration = try Self.shown(file)
        let credentials = try Self.values("LoadCredential", in: file).compactMap { $0.split(separator: ":").first }
        let folder = "/run/credentials/inframind-agent.service/"
        let named = [
            configuration.prometheus.tokenFile, configuration.prometheus.tls?.certificate,
            configuration.prometheus.tls?.key,
            configuration.server.tokenFile,
        ].compactMap(\.self)
        #expect(named.sorted() == credentials.map { folder + $0 }.sorted())
        let state = try Self.values("StateDirectory", in: file).map { "/var/lib/" + $0 }
        #expect([configuration.server.spool].compactMap(\.self) == state)
        let logs = try Self.values("LogsDirectory", in: file).map { "/var/log/" + $0 }
        let written = configuration.json.path.map { ($0 as NSString).deletingLastPathComponent }
        #expect([written].compactMap(\.self) == logs)
    }

    @Test("Attribution has the capabilities its page explains, and the service itself has none")
    func capabilities() throws {
        #expect(try Self.values("CapabilityBoundingSet", in: Self.unit) == [""])
        let page = try Self.text("docs/agent-attribution.md")
        let given = try Self.values("CapabilityBoundingSet", in: Self.dropIn("attribution"))
        let ambient = try Self.values("AmbientCapabilities", in: Self.dropIn("attribution"))
        #expect(given == ambient)
        let names = given.flatMap { $0.split(separator: " ") }
        #expect(names.count == 3)
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    @Test(
        "systemd takes the unit with all its drop-ins, and finds it well protected",
        .enabled(if: isThere("/usr/bin/systemd-analyze"), "needs systemd-analyze; apt-get install systemd"),
        .enabled(if: AgentProgramTests.program != nil, "the program has not been built"))
    func systemd() throws {
        let folder = try TemporaryFolder()
        let program = try #require(AgentProgramTests.program).path
        let unit = folder.path + "/inframind-agent.service"
        try folder.write(
            Self.text(Self.unit).replacing("/usr/local/bin/inframind-agent", with: program),
            to: "inframind-agent.service")
        func analyze(_ arguments: [String]) throws -> (status: Int32, output: String) {
            try Self.run("/usr/bin/systemd-analyze", ["--no-pager"] + arguments)
        }
        // Without a system of its own it cannot look at those; what it says of ours is all there is to say.
        func complaints(_ output: String) -> [Substring] {
            output.split(separator: "\n").filter { $0.contains("inframind-agent") }
        }
        let bare = try analyze(["verify", unit])
        #expect(complaints(bare.output).isEmpty, "\(bare.output)")
        let exposure = try analyze(["security", "--offline=yes", "--threshold=15", unit])
        #expect(exposure.status == 0, "\(exposure.output.suffix(400))")
        for name in Self.dropIns {
            try folder.write(Self.text(Self.dropIn(name)), to: "inframind-agent.service.d/\(name).conf")
        }
        let whole = try analyze(["verify", unit])
        #expect(complaints(whole.output).isEmpty, "\(whole.output)")
        let following = try analyze(["security", "--offline=yes", "--threshold=35", unit])
        #expect(following.status == 0, "\(following.output.suffix(400))")
        // The check can fail: a setting that there is not is told.
        try folder.write(
            "[Service]\nProtectEverything=yes\nExecStart=\nExecStart=relative\n", to: "inframind-agent.service.d/z.conf"
        )
        let broken = try analyze(["verify", unit])
        #expect(!complaints(broken.output).isEmpty)
    }

    // MARK: Kubernetes

    private static let component = "deploy/k8s/components/agent"
    private static let attribution = "deploy/k8s/components/agent-attribution"

    private static func manifest(_ path: String) throws -> YAMLNode { try YAMLParser.parse(Array(text(path).utf8)) }

    private static func configuration(_ path: String) throws -> AgentConfiguration {
        var configuration = AgentConfiguration()
        try configuration.read(Array(text(path).utf8), from: path)
        return configuration
    }

    private struct Pod {
        var spec: YAMLNode
        var container: YAMLNode

        init(_ path: String) throws {
            let manifest = try PackagingTests.manifest(path)
            spec = try #require(manifest["spec"]?["template"]?["spec"])
            container = try #require(spec["containers"]?.items.first)
        }

        /// Where in the container each volume is, and whether only to be read.
        var mounts: [(name: String, path: String, isReadOnly: Bool)] {
            (container["volumeMounts"]?.items ?? []).map {
                ($0["name"]?.text ?? "", $0["mountPath"]?.text ?? "", $0["readOnly"]?.text == "true")
            }
        }

        var hostPaths: [String: String] {
            let pairs = (spec["volumes"]?.items ?? []).compactMap { volume in
                volume["hostPath"]?["path"]?.text.map { (volume["name"]?.text ?? "", $0) }
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
    }

    @Test("The DaemonSet starts the program with options it has and a configuration that is mounted")
    func daemonSetOptions() throws {
        let pod = try Pod(Self.component + "/daemon-set.yaml")
        let options = try Self.options((pod.container["args"]?.items ?? []).compactMap(\.text))
        let file = try #require(options.file)
        let mount = try #require(pod.mounts.first { file.hasPrefix($0.path + "/") })
        #expect(mount.name == "configuration")
        let volume = pod.spec["volumes"]?.items.first { $0["name"]?.text == "configuration" }
        let generated = try Self.manifest(Self.component + "/kustomization.yaml")["configMapGenerator"]?.items.first
        #expect(volume?["configMap"]?["name"]?.text == generated?["name"]?.text)
        #expect(generated?["files"]?.items.map(\.text) == [(file as NSString).lastPathComponent])
        for variable in pod.container["env"]?.items ?? [] {
            let name = try #require(variable["name"]?.text)
            #expect(try Self.text("Sources/Agent/Attribution/NodeName.swift").contains("\"\(name)\""))
        }
    }

    @Test("Port, probes and annotations are what the configuration serves", arguments: [component, attribution])
    func ports(folder: String) throws {
        let configuration = try Self.configuration(folder + "/agent.yaml")
        let pod = try Pod(Self.component + "/daemon-set.yaml")
        let port = try #require(pod.container["ports"]?.items.first)
        #expect(port["containerPort"]?.text == String(configuration.prometheus.listen.port))
        let name = try #require(port["name"]?.text)
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            let asked = try #require(pod.container[probe]?["httpGet"])
            #expect(asked["port"]?.text == name)
            let request = "GET \(asked["path"]?.text ?? "") HTTP/1.1\r\n\r\n"
            guard case .complete(let found) = Array(request.utf8).withUnsafeBytes({ HTTPRequest.judge($0) }) else {
                Issue.record("\(request)")
                continue
            }
            #expect(found.target == .health)
        }
        let annotations = try Self.manifest(Self.component + "/daemon-set.yaml")["spec"]?["template"]?["metadata"]?[
            "annotations"]
        #expect(annotations?["prometheus.io/port"]?.text == String(configuration.prometheus.listen.port))
        #expect(annotations?["prometheus.io/path"]?.text == "/metrics")
        let policy = try Self.manifest(Self.component + "/network-policy.yaml")["spec"]
        #expect(policy?["ingress"]?.items.first?["ports"]?.items.first?["port"]?.text == name)
    }

    @Test("The pod has the mounts its configuration names and no others, and may write to none of the node's but one")
    func mounts() throws {
        let pod = try Pod(Self.component + "/daemon-set.yaml")
        let patch = try Pod(Self.attribution + "/daemon-set-patch.yaml")
        let base = try Self.configuration(Self.component + "/agent.yaml")
        let following = try Self.configuration(Self.attribution + "/agent.yaml")
        #expect(pod.hostPaths == ["proc": "/proc", "sys": "/sys"])
        #expect(Set(pod.mounts.map(\.path)) == ["/etc/inframind", base.roots.procfs, base.roots.sysfs])
        #expect(pod.mounts.allSatisfy { $0.isReadOnly })
        #expect(following.roots == base.roots)
        let spool = try #require(following.server.spool)
        let secret = (try #require(following.server.tokenFile) as NSString).deletingLastPathComponent
        #expect(Set(patch.mounts.map(\.path)) == Set(following.attribution.podLabels + [spool, secret]))
        #expect(patch.mounts.filter { !$0.isReadOnly }.map(\.path) == [spool])
        #expect(patch.hostPaths == ["kubelet": following.attribution.podLabels[0], "spool": spool])
    }

    @Test("The pod may do nothing that it need not, and attribution adds what its page explains")
    func rights() throws {
        let pod = try Pod(Self.component + "/daemon-set.yaml")
        let context = try #require(pod.container["securityContext"])
        #expect(context["readOnlyRootFilesystem"]?.text == "true")
        #expect(context["allowPrivilegeEscalation"]?.text == "false")
        #expect(context["capabilities"]?["drop"]?.items.map(\.text) == ["ALL"])
        #expect(context["capabilities"]?["add"] == nil)
        #expect(pod.spec["securityContext"]?["runAsNonRoot"]?.text == "true")
        #expect(pod.spec["securityContext"]?["seccompProfile"]?["type"]?.text == "RuntimeDefault")
        #expect(pod.spec["automountServiceAccountToken"]?.text == "false")
        for key in ["hostPID", "hostNetwork", "hostIPC"] { #expect(pod.spec[key] == nil) }
        let patch = try Pod(Self.attribution + "/daemon-set-patch.yaml")
        let added = patch.container["securityContext"]?["capabilities"]?["add"]?.items.compactMap(\.text) ?? []
        let page = try Self.text("docs/agent-attribution.md")
        #expect(added.count == 2)
        for name in added { #expect(page.contains("`CAP_\(name)`"), "\(name)") }
        #expect(patch.spec["hostPID"]?.text == "true")
        #expect(patch.spec["hostNetwork"] == nil)
        // Exit records would need what the pod has not.
        let following = try Self.configuration(Self.attribution + "/agent.yaml")
        #expect(!following.attribution.usesExitRecords)
    }

    @Test(
        "The program takes the configuration of every package",
        .enabled(if: AgentProgramTests.program != nil, "the program has not been built"),
        arguments: ["deploy/agent/agent.yaml", component + "/agent.yaml", attribution + "/agent.yaml"])
    func checks(file: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("im_0123456789abcdef\n", to: "token")
        // What it names and only a cluster has.
        let text = try Self.text(file).replacing("/etc/inframind-secret/token", with: folder.path + "/token")
            .replacing("- /var/lib/kubelet", with: "- " + folder.path)
        try folder.write(text, to: "agent.yaml")
        let (status, output) = try Self.run(
            #require(AgentProgramTests.program).path, ["--config", folder.path + "/agent.yaml", "--check"])
        #expect(status == 0, "\(output)")
    }

    @Test(
        "kustomize makes one set of the components",
        .enabled(if: isThere("/usr/bin/kubectl"), "needs kubectl; apt-get install kubernetes-client"),
        arguments: [false, true])
    func kustomize(isFollowing: Bool) throws {
        let folder = try TemporaryFolder()
        let components = folder.path + "/components"
        try FileManager.default.copyItem(
            atPath: Self.repository.appending(path: "deploy/k8s/components").path, toPath: components)
        var kustomization = "kind: Kustomization\nnamespace: inframind\ncomponents:\n  - components/agent\n"
        if isFollowing { kustomization += "  - components/agent-attribution\n" }
        try folder.write(kustomization, to: "kustomization.yaml")
        let (status, output) = try Self.run("/usr/bin/kubectl", ["kustomize", folder.path])
        #expect(status == 0, "\(output)")
        let documents = output.split(separator: "\n---\n")
        let kinds = documents.compactMap { $0.firstMatch(of: /(?m)^kind: (\w+)$/).map { String($0.1) } }
        #expect(kinds == ["ConfigMap", "DaemonSet", "NetworkPolicy"])
        #expect(output.contains("hostPID: true") == isFollowing)
        #expect(output.contains("url: http://inframind-server:8080") == isFollowing)
        // The ConfigMap of the pod is the one with the hash.
        let name = try #require(documents[0].firstMatch(of: /(?m)^  name: (inframind-agent-\w+)$/)?.1)
        #expect(documents[1].contains("name: \(name)\n"))
        let readOnly = documents[1].matches(of: /readOnly: true/).count
        #expect(readOnly == (isFollowing ? 5 : 3))
    }
}

extension YAMLNode {
    fileprivate subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.node
    }

    fileprivate var items: [YAMLNode] {
        guard case .sequence(let items) = value else { return [] }
        return items
    }

    fileprivate var text: String? {
        guard case .scalar(let text) = value else { return nil }
        return text
    }
}
