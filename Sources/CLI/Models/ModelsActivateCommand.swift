import ArgumentParser

/// `inframind models activate`
struct ModelsActivateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Take a version into force, from the next recommendation on.",
        discussion: """
            EXAMPLES
              inframind models activate memory-20260401T101500Z-120
              inframind models activate none        the closed form alone
            """)

    @OptionGroup var server: ServerOptions

    @Argument(help: "The version, or `none` for the closed form.")
    var version: String

    func validate() throws {
        if version.isEmpty { throw ValidationError("The version is empty.") }
    }

    func run() throws {
        let version = version
        let active = try server.withClient(InheritedProcess.environmentVariables()) {
            try await $0.activate(model: version)
        }
        write("In force: \(active)\n", to: .output)
    }
}
