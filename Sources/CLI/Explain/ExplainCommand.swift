import ArgumentParser
import Client
import Contract

/// `inframind explain ID`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a number was recommended: evidence, risk, guardrails, and how to opt out.",
        discussion: """
            EXAMPLES
              inframind explain "$INFRAMIND_RECOMMENDATION_ID"
              inframind explain --pipeline app --step link
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var question: SizingOptions

    @Argument(help: "A recommendation made earlier. Without one, a new one is asked for.")
    var recommendationID: String?

    @Flag(help: "Print the server's answer as JSON.")
    var json = false

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        let request = question.request(environment)
        let id = recommendationID
        if let id, id.isEmpty { throw ValidationError("The recommendation id is empty.") }
        let answer = try server.withClient(environment) { client in
            if let id { try await client.recommendation(id: id) } else { try await client.optimize(request) }
        }
        write(json ? try prettyJSON(answer) + "\n" : ExplanationCard(answer).text, to: .output)
    }
}
