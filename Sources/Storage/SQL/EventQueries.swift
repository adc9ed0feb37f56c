import Builds

enum EventStatements {
    static let insert = """
        INSERT INTO events (tenant_id, lesson_number, place, run_id, pipeline, content, number)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """

    static let exists = "SELECT 1 FROM events WHERE tenant_id = $1 AND lesson_number = $2 AND place = $3"

    static let newestNumber = "SELECT event_count FROM tenants WHERE tenant_id = $1"

    static let after = """
        SELECT \(columns), number FROM events WHERE tenant_id = $1 AND number > $2 ORDER BY number LIMIT $3
        """

    private static let columns = "lesson_number, place, run_id, pipeline, content"
    private static let newestFirst = "ORDER BY lesson_number DESC, place DESC"

    /// Later than any event.
    static let end = EventPosition(lessonNumber: .max, place: .max)

    static let newest = """
        SELECT \(columns) FROM events
        WHERE tenant_id = $1 AND (lesson_number, place) < ($2, $3) \(newestFirst) LIMIT $4
        """

    static let newestOfPipeline = """
        SELECT \(columns) FROM events
        WHERE tenant_id = $1 AND pipeline = $2 AND (lesson_number, place) < ($3, $4) \(newestFirst) LIMIT $5
        """

    static let newestOfRun = """
        SELECT \(columns) FROM events
        WHERE tenant_id = $1 AND run_id = $2 AND (lesson_number, place) < ($3, $4) \(newestFirst) LIMIT $5
        """
}

extension SQLSession {
    func save(_ events: [StoredEvent], _ tenant: TenantID) throws {
        for event in events {
            let key: [SQLValue] = [
                .text(tenant.rawValue), .integer(event.lessonNumber), .integer(Int64(event.place)),
            ]
            // The first word stands. Every server tells of the same events: only the first may take a number.
            if try firstRow(EventStatements.exists, key) != nil { continue }
            let content = try StoredJSON.encode(event.content)
            let number = try next(.events, tenant)
            try execute(
                EventStatements.insert,
                key + [.text(event.runID.rawValue), .text(event.pipeline), content, .integer(number)])
        }
    }

    /// - Parameter limit: already within its bounds.
    func events(after number: Int64, limit: Int, _ tenant: TenantID) throws -> [NumberedEvent] {
        try rows(EventStatements.after, [.text(tenant.rawValue), .integer(number), .integer(Int64(limit))]).map {
            NumberedEvent(number: try $0.integer(5), event: try $0.storedEvent())
        }
    }

    func newestEvent(_ tenant: TenantID) throws -> Int64 {
        try firstRow(EventStatements.newestNumber, [.text(tenant.rawValue)])?.integer(0) ?? 0
    }

    /// - Parameter limit: already within its bounds.
    func events(
        of subject: EventSubject, before position: EventPosition?, limit: Int, _ tenant: TenantID
    ) throws -> [StoredEvent] {
        let end = position ?? EventStatements.end
        let owner = SQLValue.text(tenant.rawValue)
        let page: [SQLValue] = [
            .integer(end.lessonNumber), .integer(Int64(end.place)), .integer(Int64(limit)),
        ]
        let found =
            switch subject {
            case .all: try rows(EventStatements.newest, [owner] + page)
            case .pipeline(let name): try rows(EventStatements.newestOfPipeline, [owner, .text(name)] + page)
            case .run(let id): try rows(EventStatements.newestOfRun, [owner, .text(id.rawValue)] + page)
            }
        return try found.map { try $0.storedEvent() }
    }
}

extension SQLRow {
    fileprivate func storedEvent() throws -> StoredEvent {
        StoredEvent(
            lessonNumber: try integer(0), place: Int(try integer(1)), runID: RunID(try text(2)), pipeline: try text(3),
            content: try json(4))
    }
}
