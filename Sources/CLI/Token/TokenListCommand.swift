import ArgumentParser
import Contract

/// `inframind token list`
struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tenant's tokens, oldest first, without their secrets.")

    @OptionGroup var server: ServerOptions

    @Flag(help: "Print the server's answer as JSON.")
    var json = false

    func run() throws {
        let answer = try server.withClient(InheritedProcess.environmentVariables()) { try await $0.tokens() }
        write(json ? try prettyJSON(answer) + "\n" : Self.table(answer), to: .output)
    }

    /// A line a token.
    static func table(_ answer: TokensAnswer) -> String {
        alignedTable(
            [["id", "name", "scopes", "made", "ends", "state"]]
                + answer.tokens.map { token in
                    let state = token.revoked_at != nil ? "revoked" : token.valid ? "valid" : "expired"
                    return [
                        token.id, token.name, token.scopes.joined(separator: " "), token.created_at,
                        token.expires_at ?? "never", state,
                    ]
                })
    }
}

/// `inframind token audit`
struct TokenAuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who made, rotated and revoked tokens, trained and chose models.")

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Only what came before this number.", valueName: "number"))
    var before: Int64?

    @Flag(help: "Print the server's answer as JSON.")
    var json = false

    func run() throws {
        let before = before
        let answer = try server.withClient(InheritedProcess.environmentVariables()) {
            try await $0.auditLog(before: before)
        }
        write(json ? try prettyJSON(answer) + "\n" : Self.table(answer), to: .output)
    }

    static func table(_ answer: AuditAnswer) -> String {
        let rows = answer.entries.map { [String($0.number), $0.at, $0.actor, $0.action, $0.subject] }
        let more = answer.next.map { "older ones: --before \($0)\n" } ?? ""
        return alignedTable([["number", "at", "by", "what", "to"]] + rows) + more
    }
}
