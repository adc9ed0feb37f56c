import Builds

/// What a tenant has numbers for: the columns of `tenants`.
enum TenantCounter: String, CaseIterable, Sendable {
    case runs = "run_count"
    case completions = "completion_count"
    case steps = "step_count"
    case recommendations = "recommendation_count"
    case lessons = "lesson_count"
    case models = "model_count"
    case auditEntries = "audit_count"
    case events = "event_count"
}

enum TenantStatements {
    /// A conflict has no clause here: a table whose rows live on several nodes has no index that could tell of one. None
    /// is needed either, for writers take turns.
    static let insert = "INSERT INTO tenants (tenant_id) VALUES ($1)"

    /// Takes as many numbers as the first value says, for a tenant that is there.
    static func take(_ counter: TenantCounter) -> String {
        let column = counter.rawValue
        return "UPDATE tenants SET \(column) = \(column) + $1 WHERE tenant_id = $2 RETURNING \(column)"
    }

    static let learningPosition = """
        SELECT t.lesson_count,
            (SELECT m.version FROM models AS m WHERE m.tenant_id = $1 AND m.is_active = 1)
        FROM tenants AS t WHERE t.tenant_id = $1
        """

    static let all = "SELECT tenant_id FROM tenants ORDER BY tenant_id"

    /// A handful of rows however much is kept: the counters stand in for counting.
    static let counts = """
        SELECT CAST(COALESCE(SUM(run_count), 0) AS BIGINT), CAST(COALESCE(SUM(step_count), 0) AS BIGINT),
            CAST(COALESCE(SUM(recommendation_count), 0) AS BIGINT), CAST(COALESCE(SUM(lesson_count), 0) AS BIGINT),
            CAST(COALESCE(SUM(model_count), 0) AS BIGINT)
        FROM tenants
        """
}

extension SQLSession {
    /// Hands out the next number, counting from 1; the tenant's row is made when it is the first.
    func next(_ counter: TenantCounter, _ tenant: TenantID) throws -> Int64 {
        let one: [SQLValue] = [.integer(1), .text(tenant.rawValue)]
        if let row = try firstRow(TenantStatements.take(counter), one) { return try row.integer(0) }
        try execute(TenantStatements.insert, [.text(tenant.rawValue)])
        guard let row = try firstRow(TenantStatements.take(counter), one) else {
            throw StoreError.unavailable("The database gave no number for a new row.")
        }
        return try row.integer(0)
    }

    func learningPosition(_ tenant: TenantID) throws -> LearningPosition {
        guard let row = try firstRow(TenantStatements.learningPosition, [.text(tenant.rawValue)]) else {
            return LearningPosition(newestLesson: 0, activeModel: nil)
        }
        return LearningPosition(
            newestLesson: try row.integer(0), activeModel: try row.isNull(1) ? nil : try row.text(1))
    }

    func tenants() throws -> [TenantID] {
        try rows(TenantStatements.all, []).map { TenantID(try $0.text(0)) }
    }

    func counts() throws -> [String: Int64] {
        guard let row = try firstRow(TenantStatements.counts, []) else { return [:] }
        return [
            "runs": try row.integer(0), "steps": try row.integer(1), "recommendations": try row.integer(2),
            "lessons": try row.integer(3), "models": try row.integer(4),
        ]
    }
}
