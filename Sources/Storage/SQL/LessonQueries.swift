import Builds

enum LessonStatements {
    static let insert = """
        INSERT INTO lessons (tenant_id, number, run_id, span_id, outcome, ticket) VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let after = """
        SELECT number, run_id, span_id, outcome, ticket FROM lessons
        WHERE tenant_id = $1 AND number > $2
        ORDER BY number LIMIT $3
        """
}

extension SQLSession {
    func learned(_ lessons: [Lesson], from id: RunID, _ tenant: TenantID) throws -> WriteResult {
        let key: [SQLValue] = [.text(tenant.rawValue), .text(id.rawValue)]
        guard let state = try firstRow(RunStatements.learningState, key) else {
            throw StoreError.unknownRun(id.rawValue)
        }
        if try state.isNull(0) {
            throw StoreError.conflict("Run '\(id)' is not over yet, so nothing can be learned from it.")
        }
        if try state.integer(1) == 1 { return .unchanged }
        for lesson in lessons {
            try execute(
                LessonStatements.insert,
                [
                    .text(tenant.rawValue), .integer(try next(.lessons, tenant)), .text(id.rawValue),
                    .text(lesson.spanID), try StoredJSON.encode(lesson.outcome), .bytes(lesson.ticket),
                ])
        }
        try execute(RunStatements.markLearned, key)
        return .written
    }

    /// - Parameter limit: already within its bounds.
    func lessons(after number: Int64, limit: Int, _ tenant: TenantID) throws -> [StoredLesson] {
        try rows(LessonStatements.after, [.text(tenant.rawValue), .integer(number), .integer(Int64(limit))]).map {
            StoredLesson(
                number: try $0.integer(0), runID: RunID(try $0.text(1)),
                lesson: Lesson(spanID: try $0.text(2), outcome: try $0.json(3), ticket: try $0.bytes(4)))
        }
    }
}
