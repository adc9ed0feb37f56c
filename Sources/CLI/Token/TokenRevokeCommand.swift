import ArgumentParser

/// `inframind token revoke`
struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a token now; on other servers within 5 seconds.")

    @OptionGroup var server: ServerOptions

    @Argument(help: "Id of the token, as `inframind token list` shows it.")
    var id: String

    func run() throws {
        let id = id
        try server.withClient(InheritedProcess.environmentVariables()) { try await $0.revokeToken(id: id) }
        write("revoked \(id)\n", to: .output)
    }
}
