import ArgumentParser

/// `inframind token`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list, rotate and revoke tokens; see who did.",
        discussion: """
            A token belongs to a tenant: that of the token you use for these commands, which needs the scope `admin`.

            SCOPES
              ingest    report builds and ask for recommendations: what a CI job needs
              read      look at everything
              operate   also choose and train models
              admin     also make and revoke tokens

            EXAMPLES
              inframind token create --name jenkins --scope ingest
              inframind token create --name grafana --scope read --expires never
              inframind token list
              inframind token rotate tok_1f0c9a7b3d5e2468 --overlap 7d
              inframind token revoke tok_1f0c9a7b3d5e2468
            """,
        subcommands: [
            TokenCreateCommand.self, TokenListCommand.self, TokenRotateCommand.self, TokenRevokeCommand.self,
            TokenAuditCommand.self,
        ])
}
