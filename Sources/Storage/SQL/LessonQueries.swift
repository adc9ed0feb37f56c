import Builds

enum LessonStatements {
    static let insert = """
        INSERT INTO lessons
            (tenant_id, number, run_id, span_id, pipeline, stage, step, outcome, ticket)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """

    private static let columns = "number, run_id, span_id, outcome, ticket"

    static let after = """
        SELECT \(columns) FROM lessons
        WHERE tenant_id = $1 AND number > $2
        ORDER BY number LIMIT $3
        """

    static let ofPipelineAfter = """
        SELECT \(columns) FROM lessons
        WHERE tenant_id = $1 AND pipeline = $2 AND number > $3
        ORDER BY number LIMIT $4
        """

    static let ofStepBefore = """
        SELECT \(columns) FROM lessons
        WHERE tenant_id = $1 AND pipeline = $2 AND stage = $3 AND step = $4 AND number < $5
        ORDER BY number DESC LIMIT $6
        """
}

extension SQLSession {
    func learned(_ lessons: [Lesson], usage: RunUsage?, from id: RunID, _ tenant: TenantID) throws -> WriteResult {
        let key: [SQLValue] = [.text(tenant.rawValue), .text(id.rawValue)]
        guard let state = try firstRow(RunStatements.learningState, key) else {
            throw StoreError.unknownRun(id.rawValue)
        }
        if try state.isNull(0) {
            throw StoreError.conflict("Run '\(id)' is not over yet, so nothing can be learned from it.")
        }
        if try state.integer(1) == 1 { return .unchanged }
        for lesson in lessons {
            let step = lesson.outcome.step
            let number = SQLValue.integer(try next(.lessons, tenant))
            try execute(
                LessonStatements.insert,
                [
                    .text(tenant.rawValue), number, .text(id.rawValue),
                    .text(lesson.spanID), .text(step.pipeline), .text(step.stage), .text(step.step),
                    try StoredJSON.encode(lesson.outcome), .bytes(lesson.ticket),
                ])
            if lesson.outcome.status == .oomKilled {
                try execute(OOMKillStatements.insert, [.text(tenant.rawValue), number, .text(step.pipeline)])
            }
        }
        if let usage, let status = RunStatus(rawValue: try state.text(4)) {
            let run = LearnedRun(
                id: id, pipeline: try state.text(2), status: status,
                startedAt: Timestamp(microseconds: try state.integer(3)))
            try add(usage, of: run, tenant)
        }
        try execute(RunStatements.markLearned, key)
        return .written
    }

    /// - Parameter limit: already within its bounds.
    func lessons(of pipeline: String?, after number: Int64, limit: Int, _ tenant: TenantID) throws -> [StoredLesson] {
        let page: [SQLValue] = [.integer(number), .integer(Int64(limit))]
        let found =
            if let pipeline {
                try rows(LessonStatements.ofPipelineAfter, [.text(tenant.rawValue), .text(pipeline)] + page)
            } else {
                try rows(LessonStatements.after, [.text(tenant.rawValue)] + page)
            }
        return try found.map { try $0.storedLesson() }
    }

    /// - Parameter limit: already within its bounds.
    func lessons(of step: StepIdentity, before number: Int64, limit: Int, _ tenant: TenantID) throws -> [StoredLesson] {
        try rows(
            LessonStatements.ofStepBefore,
            [
                .text(tenant.rawValue), .text(step.pipeline), .text(step.stage), .text(step.step), .integer(number),
                .integer(Int64(limit)),
            ]
        ).reversed().map { try $0.storedLesson() }
    }
}

extension SQLRow {
    func storedLesson() throws -> StoredLesson {
        StoredLesson(
            number: try integer(0), runID: RunID(try text(1)),
            lesson: Lesson(spanID: try text(2), outcome: try json(3), ticket: try bytes(4)))
    }
}
