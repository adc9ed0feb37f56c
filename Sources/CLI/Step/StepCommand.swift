import ArgumentParser

/// `inframind step begin|end`, for work that is not one command.
struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Measure work that cannot be wrapped, between two commands.",
        discussion: """
            What is measured is what the whole container or worker did in between: exact when it does nothing else.
            `run` measures better; use it where there is a command to wrap.

            EXAMPLE
              inframind step begin unit-tests
              ./run-tests.sh; status=$?
              inframind step end unit-tests --exit-code "$status"
            """,
        subcommands: [StepBeginCommand.self, StepEndCommand.self])
}
