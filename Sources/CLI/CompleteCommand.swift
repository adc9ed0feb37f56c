import ArgumentParser
import Builds
import Client

/// `inframind complete`
struct CompleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "End a run that several commands reported to.",
        discussion: """
            For runs named by INFRAMIND_RUN_ID. Others end with their command.

            EXAMPLE
              export INFRAMIND_RUN_ID="nightly-$BUILD_NUMBER"
              inframind run --keep-open --step configure -- ./configure
              inframind run --keep-open --step build -- make
              inframind complete --status success --duration "$SECONDS"
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: "How it ended: success, failure, error, timeout, aborted or oom_killed.")
    var status = "success"

    @Option(help: ArgumentHelp("How long the run took, in seconds.", valueName: "seconds"))
    var duration: Double

    /// Ten years, as the server accepts.
    private static let mostSeconds = 315_360_000.0

    func validate() throws {
        if RunStatus(wire: status) == nil {
            throw ValidationError("--status must be success, failure, error, timeout, aborted or oom_killed.")
        }
        guard duration >= 0, duration <= Self.mostSeconds else {
            throw ValidationError("--duration must be between 0 and \(Int(Self.mostSeconds)) seconds.")
        }
    }

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        let identity = BuildIdentity(pipeline: nil, stage: nil, environment: environment)
        if identity.isRunIDGenerated { throw ValidationError("INFRAMIND_RUN_ID does not say which run ends.") }
        let completion = RunCompletion(status: RunStatus(wire: status) ?? .error, durationSeconds: duration)
        try server.withClient(environment) { try await $0.complete(identity.runID, completion) }
    }
}
