/// A table as copying sees it: what identifies a row, and everything a row holds.
///
/// Columns are named, never `*`: a database that was upgraded by `ALTER TABLE` has them in another order than a new one.
struct CopiedTable: Hashable, Sendable {
    let name: String
    /// Columns of the primary key, which lead ``columns``.
    let key: [String]
    let columns: [String]
    /// Rows read at once and held in memory: few where a row may be megabytes, else enough that asking does not count.
    let rowsPerPage: Int

    private init(_ name: String, key: [String], others: [String], rowsPerPage: Int = 256) {
        self.name = name
        self.key = key
        columns = key + others
        self.rowsPerPage = rowsPerPage
    }

    /// Every table that holds data, each after those its rows refer to.
    static let all = [
        CopiedTable("tenants", key: ["tenant_id"], others: TenantCounter.allCases.map(\.rawValue) + ["pruned_run"]),
        CopiedTable(
            "runs", key: ["tenant_id", "run_id"],
            others: [
                "number", "pipeline", "branch", "recommendation_id", "started_at", "content", "status",
                "duration_seconds", "completion", "completion_number", "is_learned",
            ]),
        CopiedTable(
            "steps", key: ["tenant_id", "run_id", "span_id"],
            others: ["number", "stage", "step", "started_at", "stopped_at", "stop"]),
        CopiedTable(
            "step_observations", key: ["tenant_id", "run_id", "span_id"],
            others: ["observed_at", "is_final", "content"]),
        CopiedTable(
            "recommendations", key: ["tenant_id", "recommendation_id"],
            others: ["number", "pipeline", "content", "ticket"]),
        CopiedTable(
            "lessons", key: ["tenant_id", "number"],
            others: ["run_id", "span_id", "outcome", "ticket", "pipeline", "stage", "step"]),
        CopiedTable("oom_kills", key: ["tenant_id", "lesson_number"], others: ["pipeline"]),
        CopiedTable(
            "pipelines", key: ["tenant_id", "pipeline"],
            others: ["run_count", "oom_run_count", "last_run_id", "last_status", "last_started_at"]),
        CopiedTable(
            "usage_weeks", key: ["tenant_id", "pipeline", "week"], others: UsageFigures.fields.map(\.column)),
        CopiedTable(
            "models", key: ["tenant_id", "version"], others: ["number", "created_at", "is_active", "metrics", "bytes"],
            rowsPerPage: 4),
        CopiedTable(
            "events", key: ["tenant_id", "lesson_number", "place"], others: ["run_id", "pipeline", "content", "number"]),
        CopiedTable(
            "deliveries", key: ["tenant_id", "destination"], others: ["version", "position", "due_at", "state"]),
        CopiedTable(
            "access_tokens", key: ["tenant_id", "token_id"],
            others: ["name", "scopes", "digest", "created_at", "expires_at", "revoked_at"]),
        CopiedTable("retention_marks", key: ["tenant_id", "at"], others: ["run_number"]),
        CopiedTable("audit_log", key: ["tenant_id", "number"], others: ["at", "actor", "action", "subject"]),
    ]
}

extension CopiedTable {
    var count: String { "SELECT COUNT(*) FROM \(name)" }

    var isEmpty: String { "SELECT 1 FROM \(name) LIMIT 1" }

    var firstPage: String { page("") }

    /// The rows after the key that the parameters name.
    ///
    /// - Parameter key: values of the columns of ``key``.
    func page(after key: [SQLValue]) -> String {
        page("WHERE (\(self.key.joined(separator: ", "))) > (\(Self.parameters(key, from: 1)))")
    }

    /// The order is that of the database's own collation; nothing depends on which it is.
    private func page(_ condition: String) -> String {
        """
        SELECT \(columns.joined(separator: ", ")) FROM \(name) \(condition)
        ORDER BY \(key.joined(separator: ", ")) LIMIT \(rowsPerPage)
        """
    }

    func insert(rows: Int) -> String {
        let places = (0..<rows).map { row in
            "(" + columns.indices.map { "$\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
        }
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES \(places.joined(separator: ", "))"
    }

    /// The rows with these keys.
    func find(_ keys: [[SQLValue]]) -> String {
        let places = keys.enumerated().map { "(\(Self.parameters($1, from: $0 * key.count + 1)))" }
        return """
            SELECT \(columns.joined(separator: ", ")) FROM \(name)
            WHERE (\(key.joined(separator: ", "))) IN (VALUES \(places.joined(separator: ", ")))
            """
    }

    /// `$1, CAST($2 AS BIGINT)`: PostgreSQL takes a parameter that is compared with nothing typed for text.
    private static func parameters(_ values: [SQLValue], from first: Int) -> String {
        zip(first..., values).map { number, value in
            if case .integer = value { "CAST($\(number) AS BIGINT)" } else { "$\(number)" }
        }.joined(separator: ", ")
    }
}
