import ArgumentParser
import Client
import Contract

/// `inframind explain [RECOMMENDATION | RUN]`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a number was recommended: evidence, risk, guardrails, and how to opt out.",
        discussion: """
            EXAMPLES
              inframind explain "$INFRAMIND_RECOMMENDATION_ID"
              inframind explain "$INFRAMIND_RUN_ID"      what the run was given and why, what it used, what stood out
              inframind explain --pipeline app --step link
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var question: SizingOptions

    @Argument(
        help: ArgumentHelp(
            "A recommendation made earlier, or a run. Without one, a new recommendation is asked for.",
            valueName: "recommendation or run"))
    var id: String?

    @Flag(help: "Print the server's answer as JSON.")
    var json = false

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        let request = question.request(environment)
        let id = id
        if let id, id.isEmpty { throw ValidationError("The id of the recommendation or run is empty.") }
        let explained = try server.withClient(environment) { client in
            if let id { try await Explained(id: id, client) } else { Explained(try await client.optimize(request)) }
        }
        write(json ? try explained.json() : explained.text, to: .output)
    }
}
