import Glibc
import Telemetry

/// The program: serves the node's telemetry until it is told to stop.
///
/// Exit codes: 0 after `SIGTERM` or `SIGINT`, 1 when it cannot listen, 2 when its arguments make no sense.
@main
struct InframindAgent {
    static let version = "0.1.0"

    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// - Returns: the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        switch AgentConfiguration.parse(arguments) {
        case .help:
            print(AgentConfiguration.help, to: STDOUT_FILENO)
            return 0
        case .version:
            print("inframind-agent \(version)\n", to: STDOUT_FILENO)
            return 0
        case .usageError(let complaint):
            print("inframind-agent: \(complaint)\nTry 'inframind-agent --help'.\n", to: STDERR_FILENO)
            return 2
        case .run(let configuration):
            return serve(configuration)
        }
    }

    private static func serve(_ configuration: AgentConfiguration) -> Int32 {
        guard let stop = WakePipe() else {
            print("inframind-agent: out of file descriptors\n", to: STDERR_FILENO)
            return 1
        }
        let sources = CollectorSources(roots: configuration.roots)
        let page = MetricsPage(
            collectors: Collectors.all(sources).filter { configuration.collectors.contains($0.name) },
            log: { print("inframind-agent: \($0)\n", to: STDERR_FILENO) })
        do {
            let loop = try EventLoop()
            let server = try MetricsServer(
                loop: loop, listen: configuration.listen, pages: SharedPages(page, labels: ConstantLabels()))
            Termination.wake(stop)
            final class Stopper: EventHandler {
                let loop: EventLoop
                init(_ loop: EventLoop) { self.loop = loop }
                func ready() { loop.stop() }
            }
            _ = loop.watch(stop.readDescriptor, for: .reading, Stopper(loop))
            print("inframind-agent \(version) listens on http://\(server.address)/metrics\n", to: STDOUT_FILENO)
            loop.run()
            return 0
        } catch {
            print("inframind-agent: \(error)\n", to: STDERR_FILENO)
            return 1
        }
    }

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
