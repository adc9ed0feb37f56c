import Glibc
import Telemetry

/// The program: measures the node until it is told to stop.
///
/// Exit codes: 0 after `SIGTERM` or `SIGINT`, 1 when it cannot run, 2 when its arguments or its configuration make no
/// sense.
@main
struct InframindAgent {
    static let version = "0.1.0"

    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// - Returns: the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        switch CommandLineOptions.parse(arguments) {
        case .help:
            print(CommandLineOptions.help, to: STDOUT_FILENO)
            return 0
        case .version:
            print("inframind-agent \(version)\n", to: STDOUT_FILENO)
            return 0
        case .usageError(let complaint):
            print("inframind-agent: \(complaint)\nTry 'inframind-agent --help'.\n", to: STDERR_FILENO)
            return 2
        case .run(let options):
            if options.isCheck { return check(options) }
            return options.isHealthcheck ? healthcheck(options) : run(options)
        }
    }

    private static func healthcheck(_ options: CommandLineOptions) -> Int32 {
        do throws(ConfigurationRefusal) {
            guard let complaint = HealthProbe.complaint(try options.configuration()) else { return 0 }
            print("inframind-agent: \(complaint)\n", to: STDERR_FILENO)
            return 1
        } catch {
            print(error.lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
            return 2
        }
    }

    private static func check(_ options: CommandLineOptions) -> Int32 {
        let name = options.file ?? "command line"
        var findings: [String] = []
        do throws(ConfigurationRefusal) {
            findings = RunningAgent.findings(try options.configuration()).map { "\(name): \($0)" }
        } catch {
            findings = error.lines
        }
        guard findings.isEmpty else {
            print(findings.joined(separator: "\n") + "\n", to: STDERR_FILENO)
            return 2
        }
        print("\(name): nothing to object to\n", to: STDOUT_FILENO)
        return 0
    }

    private static func run(_ options: CommandLineOptions) -> Int32 {
        let configuration: AgentConfiguration
        do throws(ConfigurationRefusal) {
            configuration = try options.configuration()
        } catch {
            print(error.lines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
            return 2
        }
        DescriptorLimit.raise()
        do {
            let loop = try EventLoop()
            let agent = try RunningAgent(configuration, loop, log: log)
            let signals = Signals(loop) { number in
                if number == SIGHUP { reload(agent, options) } else { loop.stop() }
            }
            guard let signals else {
                log("out of file descriptors; raise the limit (ulimit -n, LimitNOFILE=)")
                return 1
            }
            // JSON lines may have the standard output, and nothing else may then.
            let isTaken = configuration.json.isEnabled && configuration.json.path == nil
            let line = agent.url.map { "listens on \($0)" } ?? "runs, and serves nothing"
            print("inframind-agent \(version) \(line)\n", to: isTaken ? STDERR_FILENO : STDOUT_FILENO)
            StartupCode.letGo()
            withExtendedLifetime(signals) { loop.run() }
            return 0
        } catch {
            log("\(error)")
            return 1
        }
    }

    /// Reads the configuration again; one that is no good leaves everything as it was.
    private static func reload(_ agent: RunningAgent, _ options: CommandLineOptions) {
        do {
            try agent.put(try options.configuration())
            log("configuration read again")
        } catch let refusal as ConfigurationRefusal {
            for line in refusal.lines { log(line) }
            log("the configuration is not changed")
        } catch {
            log("\(error); the configuration is not changed")
        }
    }

    private static func log(_ line: String) { print("inframind-agent: \(line)\n", to: STDERR_FILENO) }

    /// Writes at once, whatever the descriptor is: a line in a buffer tells nobody which port was picked.
    private static func print(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
