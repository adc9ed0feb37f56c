import Builds

enum AuditStatements {
    static let insert = """
        INSERT INTO audit_log (tenant_id, number, at, actor, action, subject) VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let page = """
        SELECT number, at, actor, action, subject FROM audit_log
        WHERE tenant_id = $1 AND number < $2
        ORDER BY number DESC LIMIT $3
        """
}

extension SQLSession {
    func record(_ entry: AuditEntry, _ tenant: TenantID) throws {
        try execute(
            AuditStatements.insert,
            [
                .text(tenant.rawValue), .integer(try next(.auditEntries, tenant)), .integer(entry.at.microseconds),
                .text(entry.actor), .text(entry.action), .text(entry.subject),
            ])
    }

    /// - Parameter limit: already within its bounds.
    func auditLog(before number: Int64?, limit: Int, _ tenant: TenantID) throws -> [AuditEntry] {
        try rows(
            AuditStatements.page, [.text(tenant.rawValue), .integer(number ?? .max), .integer(Int64(limit))]
        ).map { row in
            AuditEntry(
                number: try row.integer(0), at: Timestamp(microseconds: try row.integer(1)), actor: try row.text(2),
                action: try row.text(3), subject: try row.text(4))
        }
    }
}
