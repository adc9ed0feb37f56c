import ArgumentParser
import Builds
import Client
import Contract
import Telemetry

/// `inframind step end [NAME]`
struct StepEndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "Report what was used since the step began.",
        discussion: """
            A server that is away is no error: the report waits in the spool. A run whose id you gave in
            INFRAMIND_RUN_ID stays open until `inframind complete`.
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: "Name of the step, as given to `step begin`. Default: the one that began last.")
    var name: String?

    @Option(help: ArgumentHelp("Exit status of the work.", valueName: "n"))
    var exitCode = 0

    @Flag(help: "Print what was measured, as JSON.")
    var json = false

    /// Time for the report; then it goes to the spool.
    private static let reportBudget = Duration.seconds(2)

    func validate() throws {
        if !(0...255).contains(exitCode) { throw ValidationError("--exit-code must be between 0 and 255.") }
    }

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        guard let state = StateDirectory(environment: environment) else { throw NoStateDirectory() }
        let key = BegunStep.key(environment)
        let begun = try BegunStep.take(from: state, key: key, name: name)
        let now = currentTime()
        let identity = BuildIdentity(pipeline: begun.pipeline, stage: begun.step.stage, environment: environment)
        var usage = MachineCounters.now(environment: environment).usage(since: begun.counters)
        usage.exitCode = exitCode
        // A clock that was set back in between must not make a step end before it began.
        let elapsed = usage.wallSeconds ?? max(0, now.seconds(since: begun.step.startedAt))
        var step = begun.step
        let capacity = Consultation.capacity(NodeCapacity.current(), environment: environment)
        step.stop = StepStop(
            stoppedAt: begun.step.startedAt.advanced(bySeconds: elapsed), usage: usage, settings: capacity)

        var context = BuildContext()
        context.repository = identity.repository
        context.branch = identity.branch.isEmpty ? nil : identity.branch
        let run = Run(
            id: step.runID, pipeline: begun.pipeline, branch: identity.branch, commit: identity.commit,
            image: identity.image, repository: identity.repository, node: identity.node, requested: capacity,
            recommendationID: environment[BuildIdentity.Variable.recommendationID].flatMap { $0.isEmpty ? nil : $0 },
            context: context, ci: identity.ci, startedAt: step.startedAt)
        let status: RunStatus = exitCode == 0 ? .success : (usage.oomKills ?? 0) > 0 ? .oomKilled : .failure
        let report = RunReport(
            run: run, scope: identity.isNested ? .steps : .run, steps: [step],
            completion: begun.ownsRun ? RunCompletion(status: status, durationSeconds: elapsed) : nil)
        if json {
            write(try prettyJSON(Counters(step.stop ?? StepStop(stoppedAt: now, usage: usage))) + "\n", to: .output)
        }
        try server.send(report, within: Self.reportBudget, environment)
    }
}
