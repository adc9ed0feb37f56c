import Glibc
import Telemetry

/// Everything that is wrong with a configuration file.
struct ConfigurationRefusal: Error, Hashable, Sendable {
    var file: String
    var problems: [ConfigurationProblem]
    /// Problems beyond ``SettingsReader/mostProblems``, which are counted and not named.
    var furtherProblems = 0

    /// One line for each, `agent.yaml:12:3: …`.
    var lines: [String] {
        let rest = furtherProblems == 0 ? [] : ["\(file): and \(furtherProblems) further problems"]
        return problems.map { $0.line(in: file) } + rest
    }
}

extension AgentConfiguration {
    /// Takes in the file at `path`, which overrides what is set already.
    mutating func read(file path: String) throws(ConfigurationRefusal) {
        let bytes: [UInt8]
        let descriptor: Int32
        do throws(OrdinaryFile.Unreadable) {
            descriptor = try OrdinaryFile.open(path)
        } catch {
            throw ConfigurationRefusal(file: path, problems: [ConfigurationProblem(error.description)])
        }
        defer { close(descriptor) }
        do throws(ConfigurationProblem) {
            bytes = try Self.content(of: descriptor)
        } catch {
            throw ConfigurationRefusal(file: path, problems: [error])
        }
        try read(bytes, from: path)
    }

    private static func content(of descriptor: Int32) throws(ConfigurationProblem) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while content.count <= YAMLParser.limitBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw ConfigurationProblem("cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            content += chunk[..<count]
        }
        return content
    }

    /// Takes in the bytes of a file.
    mutating func read(_ bytes: [UInt8], from file: String) throws(ConfigurationRefusal) {
        let root: YAMLNode
        do throws(ConfigurationProblem) {
            root = try YAMLParser.parse(bytes)
        } catch {
            throw ConfigurationRefusal(file: file, problems: [error])
        }
        let reader = SettingsReader()
        var read = self
        read.take(root, reader)
        if reader.problems.isEmpty && !read.hasWork {
            reader.complain(
                "nothing is left to do: enable exporters.prometheus or exporters.json, or set server.url",
                at: root.position)
        }
        guard reader.problems.isEmpty else {
            let sorted = reader.problems.sorted {
                ($0.position?.line ?? 0, $0.position?.column ?? 0) < ($1.position?.line ?? 0, $1.position?.column ?? 0)
            }
            throw ConfigurationRefusal(file: file, problems: sorted, furtherProblems: reader.furtherProblems)
        }
        self = read
    }

    private mutating func take(_ root: YAMLNode, _ reader: SettingsReader) {
        var read = self
        reader.read(
            root, of: "the configuration",
            [
                "interval": { read.intervalSeconds =? reader.value($0, of: "interval", Quantities.seconds) },
                "path-procfs": { read.roots.procfs =? reader.value($0, of: "path-procfs", Paths.absolute) },
                "path-sysfs": { read.roots.sysfs =? reader.value($0, of: "path-sysfs", Paths.absolute) },
                "collectors": { read.collectors =? Self.collectors($0, reader) },
                "labels": { read.labels =? Self.labels($0, reader) },
                "processes": { read.collecting.processGroups = CollectorSettings.processGroups($0, reader) },
                "cgroups": {
                    read.collecting.cgroups = CollectorSettings.paths(
                        $0, of: "cgroups", limit: CgroupSelection.limit, reader)
                },
                "caches": { read.collecting.caches.take($0, reader) },
                "exporters": { node in
                    reader.read(
                        node, of: "exporters",
                        [
                            "prometheus": { read.prometheus.take($0, reader) },
                            "json": { read.json.take($0, reader) },
                        ])
                },
                "server": { read.server.take($0, reader) },
                "attribution": { read.attribution.take($0, reader) },
            ])
        self = read
    }

    private static func collectors(_ node: YAMLNode, _ reader: SettingsReader) -> [String]? {
        let wanted = reader.texts(node, of: "collectors")
        for item in wanted where !Collectors.names.contains(item.text) {
            let nearest = SettingsReader.nearest(item.text, in: Collectors.names)
            let advice = nearest.map { "did you mean '\($0)'?" } ?? "there are \(SettingsReader.list(Collectors.names))"
            reader.complain("there is no collector '\(item.text)'; \(advice)", at: item.position)
        }
        return Collectors.names.filter { name in wanted.contains { $0.text == name } }
    }

    private static func labels(_ node: YAMLNode, _ reader: SettingsReader) -> ConstantLabels? {
        guard case .mapping(let entries) = node.value else {
            if node.value != .empty { reader.complain("'labels' takes names and values", at: node.position) }
            return nil
        }
        if entries.count > ConstantLabels.limit {
            reader.complain("there can be \(ConstantLabels.limit) labels at most", at: node.position)
        }
        var labels: [(name: String, value: String)] = []
        for entry in entries {
            let isName =
                entry.key.utf8.allSatisfy {
                    $0 == 0x5F || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0.lowercased)
                }
                && !(entry.key.utf8.first.map { (0x30...0x39).contains($0) } ?? true)
            if !isName || entry.key.hasPrefix("__") {
                reader.complain(
                    "'\(entry.key)' cannot be a label: letters, digits and '_', no digit first, no '__' in front",
                    at: entry.position)
            }
            guard let value = reader.text(entry.node, of: entry.key) else { continue }
            if value.utf8.count > 1024 { reader.complain("a label can be 1024 bytes long", at: entry.node.position) }
            labels.append((name: entry.key, value: value))
        }
        return ConstantLabels(labels)
    }
}

extension AgentConfiguration.PrometheusExporter {
    fileprivate mutating func take(_ node: YAMLNode, _ reader: SettingsReader) {
        var read = self
        reader.read(
            node, of: "exporters.prometheus",
            [
                "enabled": { read.isEnabled =? reader.flag($0, of: "enabled") },
                "listen": { read.listen =? reader.value($0, of: "listen", ListenAddress.parse) },
                "tls": { read.tls = AgentConfiguration.TLSFiles($0, reader) },
                "token-file": { read.tokenFile = reader.text($0, of: "token-file") },
            ])
        self = read
    }
}

extension AgentConfiguration.TLSFiles {
    fileprivate init?(_ node: YAMLNode, _ reader: SettingsReader) {
        var certificate: String?
        var key: String?
        let known = reader.complaintCount
        reader.read(
            node, of: "exporters.prometheus.tls",
            [
                "certificate": { certificate = reader.text($0, of: "certificate") },
                "key": { key = reader.text($0, of: "key") },
            ])
        guard let certificate, let key else {
            if reader.complaintCount == known {
                reader.complain("TLS needs both 'certificate' and 'key'", at: node.position)
            }
            return nil
        }
        self.init(certificate: certificate, key: key)
    }
}

extension AgentConfiguration.JSONExporter {
    fileprivate mutating func take(_ node: YAMLNode, _ reader: SettingsReader) {
        var read = self
        reader.read(
            node, of: "exporters.json",
            [
                "enabled": { read.isEnabled =? reader.flag($0, of: "enabled") },
                "path": { node in
                    if let path = reader.text(node, of: "path") { read.path = Paths.output(path) }
                },
                "rotate-size": { read.rotateBytes =? reader.value($0, of: "rotate-size", Quantities.bytes) },
                "keep": { read.keep =? reader.whole($0, of: "keep", in: 0...100) },
            ])
        self = read
    }
}

extension AgentConfiguration.Server {
    fileprivate mutating func take(_ node: YAMLNode, _ reader: SettingsReader) {
        var read = self
        var certificate: String?
        var key: String?
        reader.read(
            node, of: "server",
            [
                "url": { node in
                    guard let url = reader.text(node, of: "url") else { return }
                    if !url.hasPrefix("http://") && !url.hasPrefix("https://") {
                        reader.complain("'url' begins with http:// or https://, not '\(url)'", at: node.position)
                    } else {
                        read.url =? reader.address(node, of: "url")
                    }
                },
                "token-file": { read.tokenFile = reader.text($0, of: "token-file") },
                "ca-file": { read.caFile = reader.text($0, of: "ca-file") },
                "client-certificate": { certificate = reader.text($0, of: "client-certificate") },
                "client-key": { key = reader.text($0, of: "client-key") },
                "spool": { read.spool = reader.text($0, of: "spool") },
            ])
        switch (certificate, key) {
        case (let certificate?, let key?):
            read.identity = AgentConfiguration.TLSFiles(certificate: certificate, key: key)
        case (nil, nil): break
        default: reader.complain("a client needs both 'client-certificate' and 'client-key'", at: node.position)
        }
        self = read
    }
}

extension AgentConfiguration.AttributionSettings {
    /// Pods of one node come from one kubelet, rarely from a second beside it.
    private static let mostFolders = 8

    fileprivate mutating func take(_ node: YAMLNode, _ reader: SettingsReader) {
        var read = self
        func seconds(_ node: YAMLNode, _ key: String, _ range: ClosedRange<Double>) -> Double? {
            reader.value(node, of: key) { (text) throws(ConfigurationProblem) in
                try Quantities.seconds(text, in: range)
            }
        }
        reader.read(
            node, of: "attribution",
            [
                "enabled": { read.isEnabled =? reader.flag($0, of: "enabled") },
                "interval": { read.intervalSeconds =? seconds($0, "interval", 0.1...60) },
                "report-interval": { read.reportIntervalSeconds =? seconds($0, "report-interval", 1...86_400) },
                "settle": { read.settleSeconds =? seconds($0, "settle", 0...3600) },
                "exit-records": { read.usesExitRecords =? reader.flag($0, of: "exit-records") },
                "kubelet": { read.kubelet =? reader.value($0, of: "kubelet", Self.kubelet) },
                "pod-labels": {
                    read.podLabels = CollectorSettings.paths($0, of: "pod-labels", limit: Self.mostFolders, reader)
                },
            ])
        self = read
    }

    /// The kubelet's read-only port speaks no TLS; the other one wants credentials of the cluster, which the agent has not.
    static func kubelet(_ text: String) throws(ConfigurationProblem) -> String {
        guard text.hasPrefix("http://"), (try? ServerAddress(text)) != nil else {
            throw ConfigurationProblem(
                "takes the kubelet's read-only port, such as http://127.0.0.1:10255, not '\(text.prefix(200))'")
        }
        return text
    }
}

infix operator =? : AssignmentPrecedence

/// Assigns what there is, and leaves the target alone when there is nothing.
func =? <Value>(target: inout Value, value: Value?) {
    if let value { target = value }
}
