import Telemetry

/// What the agent was asked to do on its command line.
struct CommandLineOptions: Sendable {
    /// `--config`.
    var file: String?
    /// `--check`: say whether the configuration is good, and do nothing else.
    var isCheck = false
    /// `--healthcheck`: ask the agent that runs with this configuration, and do nothing else.
    var isHealthcheck = false
    /// The other flags, in their order; they override the file, also when it is read again.
    private var overrides: [Override] = []

    private struct Override {
        var flag: String
        var value: String
    }

    /// What to do, or why not.
    enum Parsed: Sendable {
        case run(CommandLineOptions)
        case help
        case version
        /// A sentence for the person who typed it.
        case usageError(String)
    }

    private typealias Setter = @Sendable (String, inout AgentConfiguration) throws(ConfigurationProblem) -> Void

    private static let setters: [String: Setter] = [
        "--listen": { value, configuration throws(ConfigurationProblem) in
            configuration.prometheus.listen = try ListenAddress.parse(value)
            configuration.prometheus.isEnabled = true
        },
        "--no-attribution": { _, configuration in configuration.attribution.isEnabled = false },
        "--kubelet": { value, configuration throws(ConfigurationProblem) in
            configuration.attribution.kubelet = try AgentConfiguration.AttributionSettings.kubelet(value)
        },
        "--no-prometheus": { _, configuration in configuration.prometheus.isEnabled = false },
        "--json": { value, configuration in
            configuration.json.path = Paths.output(value)
            configuration.json.isEnabled = true
        },
        "--interval": { value, configuration throws(ConfigurationProblem) in
            configuration.intervalSeconds = try Quantities.seconds(value)
        },
        "--path-procfs": { value, configuration throws(ConfigurationProblem) in
            configuration.roots.procfs = try Paths.absolute(value)
        },
        "--path-sysfs": { value, configuration throws(ConfigurationProblem) in
            configuration.roots.sysfs = try Paths.absolute(value)
        },
        "--collectors": { value, configuration throws(ConfigurationProblem) in
            let wanted = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            if let unknown = wanted.first(where: { !Collectors.names.contains($0) }) {
                throw ConfigurationProblem(
                    "takes names: there is no collector '\(unknown)'; there are \(SettingsReader.list(Collectors.names))"
                )
            }
            configuration.collectors = Collectors.names.filter(wanted.contains)
        },
    ]

    /// Flags that stand alone.
    private static let switches: Set<String> = ["--no-prometheus", "--no-attribution"]

    /// Reads the arguments after the program's name: `--name value` or `--name=value`; the last of several counts.
    static func parse(_ arguments: [String]) -> Parsed {
        var options = CommandLineOptions()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return .help
            case "--version": return .version
            case "--check":
                options.isCheck = true
                continue
            case "--healthcheck":
                options.isHealthcheck = true
                continue
            default: break
            }
            guard argument.hasPrefix("--") else { return .usageError("unexpected argument '\(argument)'") }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts[0])
            guard flag == "--config" || setters.keys.contains(flag) else {
                let nearest = SettingsReader.nearest(
                    flag, in: Array(setters.keys) + ["--config", "--check", "--healthcheck"])
                return .usageError("unknown option '\(flag)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
            }
            if switches.contains(flag) {
                guard parts.count == 1 else { return .usageError("\(flag) takes no value") }
                options.overrides.append(Override(flag: flag, value: ""))
                continue
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
                return .usageError("\(flag) needs a value")
            }
            if flag == "--config" {
                options.file = value
            } else {
                options.overrides.append(Override(flag: flag, value: value))
            }
        }
        var trial = AgentConfiguration()
        do throws(ConfigurationProblem) {
            try options.apply(to: &trial)
        } catch {
            return .usageError(error.message)
        }
        return .run(options)
    }

    /// The configuration: defaults, then the file, then the flags.
    func configuration() throws(ConfigurationRefusal) -> AgentConfiguration {
        var configuration = AgentConfiguration()
        configuration.collecting.caches = .ofThisProcess()
        if let file { try configuration.read(file: file) }
        do throws(ConfigurationProblem) {
            try apply(to: &configuration)
        } catch {
            throw ConfigurationRefusal(file: "command line", problems: [error])
        }
        guard configuration.hasWork else {
            let nothing =
                "--no-prometheus or --no-attribution leaves nothing to do; add --json, or server.url in the file"
            throw ConfigurationRefusal(file: "command line", problems: [ConfigurationProblem(nothing)])
        }
        return configuration
    }

    private func apply(to configuration: inout AgentConfiguration) throws(ConfigurationProblem) {
        for override in overrides {
            do throws(ConfigurationProblem) {
                try Self.setters[override.flag]?(override.value, &configuration)
            } catch {
                throw ConfigurationProblem("\(override.flag) \(error.message)")
            }
        }
    }

    static let help = """
        Measures the node, and serves what it finds to Prometheus or writes it as JSON lines.

        Usage: inframind-agent [options]

          --config FILE            configuration; the flags below override it
          --check                  say what is wrong with the configuration, and stop
          --healthcheck            ask the agent that runs with this configuration, and exit with 0 or 1
          --listen ADDRESS:PORT    where to serve /metrics; port 0 picks a free one (127.0.0.1:9102)
          --no-prometheus          serve nothing
          --json PATH|stdout       write JSON lines there every interval
          --interval TIME          such as 15s (15s)
          --collectors LIST        comma-separated, out of
                                   \(Collectors.names.joined(separator: ","))
          --no-attribution         follow no builds, though the file names a server
          --kubelet URL            ask this read-only port for the labels of pods
          --path-procfs PATH       where the proc file system is mounted (/proc)
          --path-sysfs PATH        where sysfs is mounted (/sys)
          --help                   this text
          --version                the version

        Examples:

          inframind-agent --listen :9102
          inframind-agent --no-prometheus --json stdout --interval 5s --collectors cpu,memory
          inframind-agent --config /etc/inframind/agent.yaml --check

        GET /metrics answers in the Prometheus text format or in OpenMetrics, GET /healthz with "ok".
        SIGHUP reads the configuration, certificates and tokens again; SIGTERM ends the agent.
        Exit codes: 0 ended as asked, 1 it cannot run, 2 arguments or configuration make no sense.

        """
}
