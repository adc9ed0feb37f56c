import Telemetry

/// What the agent was asked to do on its command line.
struct AgentConfiguration: Hashable, Sendable {
    /// Loopback by default: telemetry of a node is nobody else's until its owner says so.
    var listen = ListenAddress(host: .v4(127, 0, 0, 1), port: 9102)
    var roots = KernelRoots()
    /// Names of the collectors to run, in the order of the page.
    var collectors = Collectors.names

    /// What to do, or why not.
    enum Parsed: Hashable, Sendable {
        case run(AgentConfiguration)
        case help
        case version
        /// A sentence for the person who typed it.
        case usageError(String)
    }

    /// Reads the arguments after the program's name: `--name value` or `--name=value`; the last of several counts.
    static func parse(_ arguments: [String]) -> Parsed {
        var configuration = AgentConfiguration()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return .help
            case "--version": return .version
            default: break
            }
            guard argument.hasPrefix("--") else { return .usageError("unexpected argument '\(argument)'") }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard setters.keys.contains(name) else { return .usageError("unknown option '\(name)'") }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
                return .usageError("\(name) needs a value")
            }
            if let complaint = setters[name]?(value, &configuration) { return .usageError(complaint) }
        }
        return .run(configuration)
    }

    /// Each takes a value in, or says what is wrong with it.
    private static let setters: [String: @Sendable (String, inout AgentConfiguration) -> String?] = [
        "--listen": { value, configuration in
            guard let address = ListenAddress(value) else {
                return "--listen takes an address and a port, as in 127.0.0.1:9102 or [::1]:0, not '\(value)'"
            }
            configuration.listen = address
            return nil
        },
        "--path-procfs": { value, configuration in
            configuration.roots.procfs = withoutTrailingSlash(value)
            return nil
        },
        "--path-sysfs": { value, configuration in
            configuration.roots.sysfs = withoutTrailingSlash(value)
            return nil
        },
        "--collectors": { value, configuration in
            let wanted = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            if let unknown = wanted.first(where: { !Collectors.names.contains($0) }) {
                return "there is no collector '\(unknown)'; there are \(Collectors.names.joined(separator: ", "))"
            }
            configuration.collectors = Collectors.names.filter(wanted.contains)
            return nil
        },
    ]

    private static func withoutTrailingSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    static let help = """
        Serves the node's telemetry to Prometheus.

        Usage: inframind-agent [options]

          --listen ADDRESS:PORT    where to listen; port 0 picks a free one (127.0.0.1:9102)
          --path-procfs PATH       where the proc file system is mounted (/proc)
          --path-sysfs PATH        where sysfs is mounted (/sys)
          --collectors LIST        comma-separated (\(Collectors.names.joined(separator: ",")))
          --help                   this text
          --version                the version

        GET /metrics answers in the Prometheus text format, GET /healthz with "ok".

        """
}
