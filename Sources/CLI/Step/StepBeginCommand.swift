import ArgumentParser
import Builds
import Client
import Contract

/// `inframind step begin NAME`
struct StepBeginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "begin", abstract: "Note the counters as a step begins.")

    @Argument(help: "Name of the step.")
    var name: String

    @Option(help: "Stage the step belongs to. Default: the CI job.")
    var stage: String?

    @Option(help: "Name of the pipeline. Default: what the CI system calls it, else the repository.")
    var pipeline: String?

    func validate() throws {
        guard name.utf8.count <= Bounds.nameBytes else {
            throw ValidationError("The name of a step has at most \(Bounds.nameBytes) bytes.")
        }
        if BuildIdentity.clean(name).isEmpty { throw ValidationError("The name of a step must not be empty.") }
    }

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        guard let state = StateDirectory(environment: environment) else { throw NoStateDirectory() }
        let identity = BuildIdentity(pipeline: pipeline, stage: stage, environment: environment)
        let step = Step(
            runID: identity.runID, spanID: hexadecimal(.random(in: 0 ... .max), digits: 16), stage: identity.stage,
            step: BuildIdentity.clean(name), startedAt: currentTime())
        let begun = BegunStep(
            pipeline: identity.pipeline, step: step, ownsRun: identity.isRunIDGenerated,
            counters: MachineCounters.now(environment: environment))
        try begun.save(in: state, key: BegunStep.key(environment), name: name)
    }
}

/// Nowhere to keep a file between two commands.
struct NoStateDirectory: Error, CustomStringConvertible {
    let description = """
        no folder to keep the step in: set XDG_STATE_HOME to one that you can write to and others cannot
        """
}
