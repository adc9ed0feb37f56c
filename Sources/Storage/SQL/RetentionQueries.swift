import Builds

enum RetentionStatements {
    /// The run up to which steps were let go, and the runs after it.
    static let position = "SELECT pruned_run FROM tenants WHERE tenant_id = $1"

    static let runsAfter = """
        SELECT number, run_id, started_at, completion_number, is_learned FROM runs
        WHERE tenant_id = $1 AND number > $2
        ORDER BY number LIMIT $3
        """

    static let deleteSteps = "DELETE FROM steps WHERE tenant_id = $1 AND run_id = $2"

    static let move = "UPDATE tenants SET pruned_run = $1 WHERE tenant_id = $2"
}

extension SQLSession {
    /// Lets go of the steps of the next few runs, in the order they were recorded, and stops at the first run that is too
    /// young. So nothing is searched, and a transaction is short however much is due.
    ///
    /// A run that was completed but not learned from is kept, and what comes after it waits.
    ///
    /// - Parameter limit: runs.
    func pruneSteps(ofRunsBefore time: Timestamp, limit: Int, _ tenant: TenantID) throws -> PrunedSteps {
        guard let position = try firstRow(RetentionStatements.position, [.text(tenant.rawValue)])?.integer(0) else {
            return PrunedSteps(runs: 0, steps: 0, isDone: true)
        }
        let page = try rows(
            RetentionStatements.runsAfter, [.text(tenant.rawValue), .integer(position), .integer(Int64(limit))])
        let due = try page.prefix { row in
            let isLearned = try row.isNull(3) || row.integer(4) == 1
            return try row.integer(2) < time.microseconds && isLearned
        }
        guard let last = due.last else { return PrunedSteps(runs: 0, steps: 0, isDone: true) }
        let outcomes = try executeAll(
            due.map { row in
                ExpectedChange(
                    statement: RetentionStatements.deleteSteps,
                    values: [.text(tenant.rawValue), .text(try row.text(1))],
                    rows: 0)
            })
        try execute(RetentionStatements.move, [.integer(try last.integer(0)), .text(tenant.rawValue)])
        return PrunedSteps(
            runs: due.count, steps: outcomes.map(\.changed).reduce(0, +), isDone: due.count < limit)
    }
}
