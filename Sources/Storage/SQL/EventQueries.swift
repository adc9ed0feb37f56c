import Builds

enum EventStatements {
    static let insert = """
        INSERT INTO events (tenant_id, lesson_number, place, run_id, pipeline, content)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
        """

    private static let columns = "lesson_number, place, run_id, pipeline, content"
    private static let newestFirst = "ORDER BY lesson_number DESC, place DESC"

    static let newest = """
        SELECT \(columns) FROM events WHERE tenant_id = $1 \(newestFirst) LIMIT $2
        """

    static let newestOfPipeline = """
        SELECT \(columns) FROM events WHERE tenant_id = $1 AND pipeline = $2 \(newestFirst) LIMIT $3
        """

    static let newestOfRun = """
        SELECT \(columns) FROM events WHERE tenant_id = $1 AND run_id = $2 \(newestFirst) LIMIT $3
        """
}

extension SQLSession {
    func save(_ events: [StoredEvent], _ tenant: TenantID) throws {
        for event in events {
            try execute(
                EventStatements.insert,
                [
                    .text(tenant.rawValue), .integer(event.lessonNumber), .integer(Int64(event.place)),
                    .text(event.runID.rawValue), .text(event.pipeline), try StoredJSON.encode(event.content),
                ])
        }
    }

    /// - Parameter limit: already within its bounds.
    func events(of subject: EventSubject, limit: Int, _ tenant: TenantID) throws -> [StoredEvent] {
        let (tenant, limit) = (SQLValue.text(tenant.rawValue), SQLValue.integer(Int64(limit)))
        let found =
            switch subject {
            case .all: try rows(EventStatements.newest, [tenant, limit])
            case .pipeline(let name): try rows(EventStatements.newestOfPipeline, [tenant, .text(name), limit])
            case .run(let id): try rows(EventStatements.newestOfRun, [tenant, .text(id.rawValue), limit])
            }
        return try found.map { row in
            StoredEvent(
                lessonNumber: try row.integer(0), place: Int(try row.integer(1)), runID: RunID(try row.text(2)),
                pipeline: try row.text(3), content: try row.json(4))
        }
    }
}
