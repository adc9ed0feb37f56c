enum RunStatements {
    /// What ``SQLRow/storedRun()`` reads, in its order.
    private static let columns = """
        number, run_id, pipeline, branch, recommendation_id, started_at, content, status, duration_seconds, completion
        """

    static let insert = """
        INSERT INTO runs
            (tenant_id, run_id, number, pipeline, branch, recommendation_id, started_at, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """

    static let find = "SELECT \(columns) FROM runs WHERE tenant_id = $1 AND run_id = $2"

    static let idOfNumber = "SELECT run_id FROM runs WHERE tenant_id = $1 AND number = $2"

    static let numberOf = "SELECT number FROM runs WHERE tenant_id = $1 AND run_id = $2"

    static let exists = "SELECT 1 FROM runs WHERE tenant_id = $1 AND run_id = $2"

    static let complete = """
        UPDATE runs SET status = $1, duration_seconds = $2, completion = $3, completion_number = $4
        WHERE tenant_id = $5 AND run_id = $6
        """

    static let ofPipeline = page(ofPipeline: columns)

    static let toLearn = page(toLearn: columns)

    /// Answered by the index of what is to be learned, which is nearly empty.
    static let countToLearn = "SELECT COUNT(*) FROM runs WHERE is_learned = 0 AND completion_number IS NOT NULL"

    static let learningState = """
        SELECT completion_number, is_learned, pipeline, started_at, status FROM runs
        WHERE tenant_id = $1 AND run_id = $2
        """

    static let markLearned = "UPDATE runs SET is_learned = 1 WHERE tenant_id = $1 AND run_id = $2"

    /// Parameters: tenant, pipeline, the number the page ends before, limit.
    static func page(ofPipeline columns: String) -> String {
        """
        SELECT \(columns) FROM runs
        WHERE tenant_id = $1 AND pipeline = $2 AND number < $3
        ORDER BY number DESC LIMIT $4
        """
    }

    /// Parameters: tenant, limit.
    static func page(toLearn columns: String) -> String {
        """
        SELECT \(columns) FROM runs
        WHERE tenant_id = $1 AND is_learned = 0 AND completion_number IS NOT NULL
        ORDER BY completion_number LIMIT $2
        """
    }
}
