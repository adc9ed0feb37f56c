import Builds

enum RetentionStatements {
    static let newestMark = """
        SELECT at FROM retention_marks WHERE tenant_id = $1 ORDER BY at DESC LIMIT 1
        """

    static let runCount = "SELECT run_count FROM tenants WHERE tenant_id = $1"

    static let insertMark = "INSERT INTO retention_marks (tenant_id, at, run_number) VALUES ($1, $2, $3)"

    /// The newest run that was there at the time of the newest mark before a time.
    static let markBefore = """
        SELECT at, run_number FROM retention_marks WHERE tenant_id = $1 AND at <= $2 ORDER BY at DESC LIMIT 1
        """

    static let deleteMarks = "DELETE FROM retention_marks WHERE tenant_id = $1 AND at < $2"

    /// The run up to which steps were let go.
    static let position = "SELECT pruned_run FROM tenants WHERE tenant_id = $1"

    static let runsAfter = """
        SELECT number, run_id, completion_number, is_learned FROM runs
        WHERE tenant_id = $1 AND number > $2
        ORDER BY number LIMIT $3
        """

    static let deleteSteps = "DELETE FROM steps WHERE tenant_id = $1 AND run_id = $2"

    static let deleteObservations = "DELETE FROM step_observations WHERE tenant_id = $1 AND run_id = $2"

    static let move = "UPDATE tenants SET pruned_run = $1 WHERE tenant_id = $2"
}

extension SQLSession {
    /// Notes which run is the newest at `time`: later that says which runs were recorded before. The times that clients
    /// state do not: old builds are imported every day.
    ///
    /// - Parameter interval: microseconds; sooner after the mark before, none is made.
    func markRetention(at time: Timestamp, interval: Int64, _ tenant: TenantID) throws {
        let newest = try firstRow(RetentionStatements.newestMark, [.text(tenant.rawValue)])
        if let newest, time.microseconds < (try newest.integer(0)) + interval { return }
        guard let count = try firstRow(RetentionStatements.runCount, [.text(tenant.rawValue)])?.integer(0) else {
            return
        }
        try execute(
            RetentionStatements.insertMark,
            [.text(tenant.rawValue), .integer(time.microseconds), .integer(count)])
    }

    /// Lets go of the steps of the next few runs, in the order they were recorded, up to those that are too young. So
    /// nothing is searched, and a transaction is short however much is due.
    ///
    /// A run that was completed but not learned from is kept, and what comes after it waits.
    ///
    /// - Parameter limit: runs.
    func pruneSteps(recordedBefore time: Timestamp, limit: Int, _ tenant: TenantID) throws -> PrunedSteps {
        let nothing = PrunedSteps(runs: 0, steps: 0, isDone: true)
        let owner = SQLValue.text(tenant.rawValue)
        guard let mark = try firstRow(RetentionStatements.markBefore, [owner, .integer(time.microseconds)]),
            let position = try firstRow(RetentionStatements.position, [owner])?.integer(0)
        else { return nothing }
        try execute(RetentionStatements.deleteMarks, [owner, .integer(try mark.integer(0))])
        let page = try rows(
            RetentionStatements.runsAfter, [owner, .integer(position), .integer(Int64(limit))])
        let newest = try mark.integer(1)
        let due = try page.prefix { row in
            let isLearned = try row.isNull(2) || row.integer(3) == 1
            return try row.integer(0) <= newest && isLearned
        }
        guard let last = due.last else { return nothing }
        let runs = try due.map { SQLValue.text(try $0.text(1)) }
        let outcomes = try executeAll(
            runs.map { SQLStatement(text: RetentionStatements.deleteSteps, values: [owner, $0]) })
        _ = try executeAll(
            runs.map { SQLStatement(text: RetentionStatements.deleteObservations, values: [owner, $0]) })
        try execute(RetentionStatements.move, [.integer(try last.integer(0)), owner])
        return PrunedSteps(
            runs: due.count, steps: outcomes.map(\.changed).reduce(0, +), isDone: due.count < limit)
    }
}
