import ArgumentParser
import Client
@preconcurrency import Glibc
import Telemetry

/// `inframind run -- COMMAND…`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a build command with the jobs it should have, and measure it.",
        discussion: """
            The command runs as if called directly: same standard streams, terminal, signals, process group, working
            directory and exit status (128+N when signal N ended it, 127 not found, 126 not executable). Nothing is
            written to standard output, and to standard error only with --verbose. If the server is slow, wrong or away,
            the command runs with its own defaults and the report waits in the spool.

            Words {jobs}, {cpu} and {memory_mb} in the command are replaced by the recommendation, or by what this
            machine has; ${jobs} is left to the shell. Other tools are told through their environment: MAKEFLAGS,
            CMAKE_BUILD_PARALLEL_LEVEL, CTEST_PARALLEL_LEVEL, CARGO_BUILD_JOBS, PYTEST_XDIST_AUTO_NUM_WORKERS; and, when
            the command is the tool itself, GOFLAGS, GOMAXPROCS, GRADLE_OPTS, MAVEN_ARGS, npm_config_jobs, and -jN for
            ninja. The command also finds IM_CONCURRENCY, IM_CPU_REQUEST and IM_MEM_REQUEST_GB.

            What you state yourself stays: a -j on the command line, a -j in MAKEFLAGS, any of these variables.

            EXAMPLES
              inframind run -- make
              inframind run --pipeline app --stage build --step link -- ninja app
              inframind run -- bazel build --jobs={jobs} //...
              inframind run --no-optimize --report usage.json -- ./build.sh
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: "Name of the pipeline. Default: what the CI system calls it, else the repository.")
    var pipeline: String?

    @Option(help: "Stage the step belongs to. Default: the CI job.")
    var stage: String?

    @Option(help: "Name of the step. Default: the command's name.")
    var step: String?

    @Option(help: ArgumentHelp("Run this many jobs, whatever is recommended.", valueName: "n"))
    var jobs: Int?

    @Flag(name: .customLong("no-optimize"), help: "Measure and report, but ask for nothing and set nothing.")
    var skipsOptimization = false

    @Flag(
        help: ArgumentHelp(
            "Put the recommended CPU and memory on the command as hard limits, where a cgroup can be made for it.",
            discussion: "A command that needs more memory than recommended is then killed."))
    var enforceLimits = false

    @Flag(help: "Leave the run open: more commands with the same INFRAMIND_RUN_ID follow.")
    var keepOpen = false

    @Option(help: ArgumentHelp("Write what was measured and recommended to this file, as JSON.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Time to wait for a recommendation, in milliseconds.", valueName: "ms"))
    var optimizeTimeoutMs = 300

    @Option(help: ArgumentHelp("Time to wait for the report to be taken, in milliseconds.", valueName: "ms"))
    var reportTimeoutMs = 250

    @Flag(help: "Say on standard error what is recommended, set and reported.")
    var verbose = false

    @Argument(parsing: .postTerminator, help: "The command, after --.")
    var command: [String] = []

    /// An hour: longer waits are a typing error.
    private static let timeoutRange = 0...3_600_000

    /// Descriptors that we open at the same time: the network library some eight, the meter as many, the spool and the
    /// pipe to the command a few. The libraries end the process when they get none, so with fewer nothing is begun.
    private static let neededDescriptors = 24

    func validate() throws {
        if command.isEmpty { throw ValidationError("There is no command. Write it after --: inframind run -- make") }
        if let jobs, !(1...4096).contains(jobs) { throw ValidationError("--jobs must be between 1 and 4096.") }
        for (name, value) in [("optimize", optimizeTimeoutMs), ("report", reportTimeoutMs)]
        where !Self.timeoutRange.contains(value) {
            throw ValidationError("--\(name)-timeout-ms must be between 0 and \(Self.timeoutRange.upperBound).")
        }
    }

    func run() throws {
        // First of all, while the process is as our parent left it and has one thread.
        let inherited = InheritedProcess.capture()
        let environment = inherited.environment
        let commandLine = WrappedCommandLine(processArguments: inherited.arguments) ?? WrappedCommandLine(command)
        let unaided = unaided(commandLine, environment)
        let isDisabled = ["1", "true", "yes"].contains(environment["INFRAMIND_DISABLE"] ?? "")
        if isDisabled || inherited.spareDescriptors < Self.neededDescriptors {
            let command = CommandSpawner(
                arguments: unaided.arguments, environment: inherited.rawEnvironment, inherited: inherited)
            _exit(command.become().tell())
        }
        CrashContainment.install(for: unaided, inherited)
        let signals = RelayedSignals.block()
        let (client, noClient) = makeClient(environment)
        let session = RunSession(
            options: self, inherited: inherited, environment: environment, commandLine: commandLine, signals: signals,
            client: client, reasonForNoClient: noClient)
        // The session, and with it the connections, lives until the very end.
        withExtendedLifetime(session) {
            let status = session.execute()
            // Not exit(): it would run destructors while other threads may still be inside the network library.
            _exit(status)
        }
    }

    /// The command as it runs when nobody can be asked: with what this machine has in place of the placeholders.
    private func unaided(_ commandLine: WrappedCommandLine, _ environment: [String: String]) -> WrappedCommandLine {
        // Looking at the machine reads a dozen files.
        guard commandLine.mayHavePlaceholders else { return commandLine }
        let capacity = Consultation.capacity(NodeCapacity.current(), environment: environment)
        return SizingPlan(arguments: commandLine.text, flag: jobs, recommendation: nil, capacity: capacity)
            .filled(commandLine)
    }

    /// The client, or why there is none: an address that is none must not keep a command from running.
    private func makeClient(_ environment: [String: String]) -> (InframindClient?, String?) {
        do {
            return (InframindClient(endpoint: try server.endpoint(environment)), nil)
        } catch {
            return (nil, "\(error)")
        }
    }
}
