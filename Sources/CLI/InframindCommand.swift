import ArgumentParser

/// The root of all subcommands.
struct InframindCommand: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "inframind",
        abstract: "Learns what CI builds need, and sizes the next one.",
        discussion: """
            EXAMPLES
              inframind run -- make                          wrap a build; jobs are chosen for you
              inframind run --step test -- ctest -j {jobs}   the recommendation as an argument
              eval "$(inframind optimize --pipeline app --format env)"
              inframind explain --pipeline app               why these numbers?
              inframind doctor                               what can be measured here, and what is missing

            ENVIRONMENT
              INFRAMIND_URL       server (default http://127.0.0.1:8080)
              INFRAMIND_TOKEN     token; prefer it to --token, which other users can see in the process list
              INFRAMIND_CA_FILE   PEM file of who signed the server's certificate, where the system does not trust it
              INFRAMIND_CLIENT_CERTIFICATE, INFRAMIND_CLIENT_KEY
                                  PEM files for servers that want a client certificate
              INFRAMIND_RUN_ID    name of the run, to report several commands as one
              INFRAMIND_SPOOL     folder for reports the server could not take
              INFRAMIND_VERBOSE   1: `run` says on standard error what it does
              INFRAMIND_DISABLE   1: `run` becomes the command, and does nothing else

            EXIT STATUS
              0 done, 1 failed, 2 asked wrongly. `run` ends with the status of the command it wraps.
            """,
        version: version,
        subcommands: [
            RunCommand.self, StepCommand.self, CompleteCommand.self, OptimizeCommand.self, ExplainCommand.self,
            ReportCommand.self, SweepCommand.self, BacktestCommand.self, ModelsCommand.self, TokenCommand.self,
            DoctorCommand.self,
            SeedDemoCommand.self,
        ])
}
