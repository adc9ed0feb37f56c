import ArgumentParser
import Builds
import Client
import Contract
import Telemetry

/// `inframind optimize --pipeline P`
struct OptimizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "optimize",
        abstract: "Ask what the next run of a pipeline should be given.",
        discussion: """
            EXAMPLES
              eval "$(inframind optimize --pipeline app --format env)" && make -j"$IM_CONCURRENCY"
              inframind optimize --pipeline app --tool make --max-mem-gb 16 --json
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var question: SizingOptions

    @Option(help: "How to print the answer: text, env (lines for a shell to eval) or json.")
    var format: SettingsFormat = .text

    @Flag(help: "The same as --format json.")
    var json = false

    func run() throws {
        let environment = InheritedProcess.environmentVariables()
        let request = question.request(environment)
        let answer = try server.withClient(environment) { try await $0.optimize(request) }
        write(try (json ? .json : format).text(of: answer), to: .output)
    }
}
