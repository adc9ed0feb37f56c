import Builds
import Testing

@testable import Storage

/// A statement of the product that is about one tenant.
///
/// Inserts are not among them: PostgreSQL decides where a row goes when it has the row, so no plan tells. Neither are those
/// that are about all tenants (``TenantStatements/all``, ``TenantStatements/counts``, ``TokenStatements/ofDigest``), and the
/// ends of several steps or runs at once, whose rows may be of several tenants: these ask every node.
struct ShardedStatement: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String

    static let all =
        (QueryPlanTests.hotStatements + [
            ("the next number of a run", TenantStatements.take(.runs)), ("run of a number", RunStatements.idOfNumber),
            ("the end of one step", RowWrite.Kind.stepStop.statement(rows: 1)),
            ("the end of one run", RowWrite.Kind.runCompletion.statement(rows: 1)),
            ("find a token", TokenStatements.find), ("all tokens", TokenStatements.all),
            ("revoke a token", TokenStatements.revoke), ("end a token", TokenStatements.expire),
            ("audit log", AuditStatements.page),
        ]).map { ShardedStatement(testDescription: $0, text: $1) }

    enum Node: Hashable { case here, away }

    /// The nodes whose tables the plan touches when every text in the statement is the name of `tenant`.
    func nodesAsked(_ store: SQLStore, _ nodes: ShardedSchema, _ tenant: TenantID) async throws -> Set<Node> {
        let lines = try await store.read { session in
            try session.executeScript("SET LOCAL plan_cache_mode = force_custom_plan; PREPARE asked AS \(text)")
            let types = try session.firstRow(
                "SELECT CAST(parameter_types AS TEXT) FROM pg_prepared_statements WHERE name = 'asked'", [])
            let values = try #require(try types?.text(0)).dropFirst().dropLast().split(separator: ",").map { type in
                switch type {
                case "text": "'\(tenant.rawValue)'"
                case "bytea": "'\\x00'"
                default: "1"
                }
            }
            let plan = try session.rows(
                "EXPLAIN (VERBOSE, COSTS OFF) EXECUTE asked(\(values.joined(separator: ", ")))", [])
            try session.executeScript("DEALLOCATE asked")
            return try plan.map { try $0.text(0) }
        }
        // What is sent to the other node names its tables, too.
        let touched = lines.filter { !$0.contains("Remote SQL:") && !$0.contains("Output:") }
        var found: Set<Node> = []
        if touched.contains(where: { $0.contains(" \(nodes.here).") }) { found.insert(.here) }
        if touched.contains(where: { $0.contains("_away") }) { found.insert(.away) }
        return found
    }
}
