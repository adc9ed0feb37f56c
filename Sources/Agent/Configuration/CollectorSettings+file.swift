import Glibc

extension CollectorSettings {
    /// `processes`: a list of groups, each with a name and its commands.
    static func processGroups(_ node: YAMLNode, _ reader: SettingsReader) -> [ProcessGroup] {
        guard case .sequence(let items) = node.value else {
            if node.value != .empty {
                reader.complain("'processes' takes a list, each with 'group' and 'commands'", at: node.position)
            }
            return []
        }
        if items.count > 64 { reader.complain("there can be 64 groups of processes at most", at: node.position) }
        var groups: [ProcessGroup] = []
        for item in items {
            var group = ProcessGroup(name: "", commands: [])
            let known = reader.complaintCount
            reader.read(
                item, of: "processes",
                [
                    "group": { group.name =? reader.text($0, of: "group") },
                    "commands": { group.commands = reader.texts($0, of: "commands").map(\.text) },
                ])
            guard reader.complaintCount == known else { continue }
            if group.name.isEmpty || group.commands.isEmpty {
                reader.complain("a group of processes needs 'group' and 'commands'", at: item.position)
            } else if groups.contains(where: { $0.name == group.name }) {
                reader.complain("the group '\(group.name)' is there twice", at: item.position)
            }
            for command in group.commands where command.utf8.count > (command.hasSuffix("*") ? 16 : 15) {
                reader.complain(
                    "'\(command)' matches nothing: the kernel keeps 15 bytes of a command's name", at: item.position)
            }
            groups.append(group)
        }
        return groups
    }

    /// A list of paths that begin with a slash.
    static func paths(
        _ node: YAMLNode, of key: String, limit: Int, _ reader: SettingsReader
    ) -> [String] {
        let items = reader.texts(node, of: key)
        if items.count > limit { reader.complain("'\(key)' takes \(limit) paths at most", at: node.position) }
        return items.compactMap { item in
            do throws(ConfigurationProblem) {
                return try Paths.absolute(item.text)
            } catch {
                reader.complain("'\(key)' \(error.message)", at: item.position)
                return nil
            }
        }
    }
}

extension CollectorSettings.CompilerCaches {
    /// `caches`: each key that is there replaces what the agent's own environment says.
    mutating func take(_ node: YAMLNode, _ reader: SettingsReader) {
        var read = self
        func paths(_ node: YAMLNode, _ key: String) -> [String] {
            CollectorSettings.paths(node, of: key, limit: Self.limit, reader)
        }
        reader.read(
            node, of: "caches",
            [
                "ccache": { read.ccacheDirectories = paths($0, "ccache") },
                "sccache-ports": { read.sccachePorts = Self.ports($0, reader) },
                "bazel-disk-caches": { read.bazelDiskCaches = paths($0, "bazel-disk-caches") },
                "bazel-command-logs": { read.bazelCommandLogs = paths($0, "bazel-command-logs") },
                "gradle-homes": { read.gradleHomes = paths($0, "gradle-homes") },
            ])
        self = read
    }

    private static func ports(_ node: YAMLNode, _ reader: SettingsReader) -> [UInt16] {
        let items = reader.texts(node, of: "sccache-ports")
        if items.count > limit { reader.complain("'sccache-ports' takes \(limit) at most", at: node.position) }
        return items.compactMap { item in
            guard let port = UInt16(item.text), port > 0 else {
                reader.complain("'sccache-ports' takes ports from 1 to 65535, not '\(item.text)'", at: item.position)
                return nil
            }
            return port
        }
    }

    /// What builds of the user this process runs as would use.
    static func ofThisProcess() -> Self {
        let names = ["HOME", "CCACHE_DIR", "XDG_CACHE_HOME", "SCCACHE_SERVER_PORT", "GRADLE_USER_HOME"]
        var environment: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return found(environment: environment)
    }
}
