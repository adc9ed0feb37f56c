import ArgumentParser
import Contract

/// `inframind token rotate`
struct TokenRotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a successor with the same rights; both work for the overlap, then only the new one.",
        discussion: """
            EXAMPLES
              inframind token rotate tok_1f0c9a7b3d5e2468 --overlap 7d
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: "Id of the token, as `inframind token list` shows it.")
    var id: String

    @Option(help: ArgumentHelp("How long the old one still works: 1d, 2h, 0s.", valueName: "period"))
    var overlap = TokenPeriod(days: 1)

    func validate() throws {
        if overlap.seconds == nil { throw ValidationError("The overlap must end: 1d, 2h, 0s.") }
    }

    func run() throws {
        let (id, how) = (id, RotateTokenBody(overlapSeconds: overlap.seconds))
        let made = try server.withClient(InheritedProcess.environmentVariables()) {
            try await $0.rotateToken(id: id, how)
        }
        made.show()
    }
}
