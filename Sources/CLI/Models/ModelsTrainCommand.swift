import ArgumentParser

/// `inframind models train`
struct ModelsTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a new version now, on everything learned so far.")

    @OptionGroup var server: ServerOptions

    func run() throws {
        let answer = try server.withClient(InheritedProcess.environmentVariables()) { try await $0.train() }
        write("\(ModelsShowCommand.text(answer.model))\(answer.reason)\n", to: .output)
    }
}
