import ArgumentParser
import Builds
import Contract

/// `inframind token create`
struct TokenCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token. It is printed once, alone on standard output; the server keeps only its hash.",
        discussion: """
            EXAMPLES
              inframind token create --name jenkins --scope ingest
              inframind token create --name ops --scope operate --expires 30d
            """)

    @OptionGroup var server: ServerOptions

    @Option(help: "What you call it.")
    var name: String

    @Option(name: .customLong("scope"), help: "ingest, read, operate or admin; may be given several times.")
    var scopes: [TokenScope] = [.ingest]

    @Option(help: ArgumentHelp("When it ends: 90d, 12h, 30m, or never.", valueName: "period"))
    var expires = TokenPeriod(days: 90)

    func run() throws {
        let wanted = TokenBody(name: name, scopes: Set(scopes), expiresInSeconds: expires.seconds)
        let made = try server.withClient(InheritedProcess.environmentVariables()) { try await $0.createToken(wanted) }
        made.show()
    }
}

extension NewTokenAnswer {
    /// The secret alone on standard output, so that it can be piped to where it is kept; the rest beside it.
    func show() {
        write(token + "\n", to: .output)
        let end = info.expires_at.map { "until \($0)" } ?? "without end"
        write(
            "\(info.id), \(info.scopes.joined(separator: " ")), \(end); this was the only time it is shown\n",
            to: .diagnostics)
    }
}

extension TokenScope: ExpressibleByArgument {}
