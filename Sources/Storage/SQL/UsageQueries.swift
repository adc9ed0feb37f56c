import Builds

enum UsageStatements {
    private static let figures = UsageFigures.fields.map(\.column).joined(separator: ", ")
    /// What ``SQLRow/usageWeek()`` reads, in its order.
    private static let columns = "pipeline, week, \(figures)"

    /// The row of all pipelines together: no pipeline is called that.
    static let fleet = ""

    static let add = """
        UPDATE usage_weeks SET
        \(UsageFigures.fields.enumerated().map { "\($1.column) = \($1.column) + $\($0 + 1)" }.joined(separator: ", "))
        WHERE tenant_id = $\(keyPlace) AND pipeline = $\(keyPlace + 1) AND week = $\(keyPlace + 2)
        """

    /// The key comes last, as in ``add``.
    static let insert = """
        INSERT INTO usage_weeks (\(figures), tenant_id, pipeline, week)
        VALUES (\((1..<keyPlace + 3).map { "$\($0)" }.joined(separator: ", ")))
        """

    private static let keyPlace = UsageFigures.fields.count + 1

    static let weeks = """
        SELECT \(columns) FROM usage_weeks
        WHERE tenant_id = $1 AND pipeline = $2 AND week < $3
        ORDER BY week DESC LIMIT $4
        """

    static let byUnused = """
        SELECT \(columns) FROM usage_weeks
        WHERE tenant_id = $1 AND week = $2 AND pipeline <> ''
        ORDER BY unused_usd DESC, pipeline DESC LIMIT $3
        """

    static let byUnusedAfter = """
        SELECT \(columns) FROM usage_weeks
        WHERE tenant_id = $1 AND week = $2 AND (unused_usd, pipeline) < ($3, $4) AND pipeline <> ''
        ORDER BY unused_usd DESC, pipeline DESC LIMIT $5
        """
}

enum PipelineStatements {
    private static let columns = "pipeline, run_count, oom_run_count, last_run_id, last_status, last_started_at"

    static let learned = """
        UPDATE pipelines SET run_count = run_count + 1, oom_run_count = oom_run_count + $1, last_run_id = $2,
            last_status = $3, last_started_at = $4
        WHERE tenant_id = $5 AND pipeline = $6
        """

    static let insert = """
        INSERT INTO pipelines (run_count, oom_run_count, last_run_id, last_status, last_started_at, tenant_id, pipeline)
        VALUES (1, $1, $2, $3, $4, $5, $6)
        """

    static let find = "SELECT \(columns) FROM pipelines WHERE tenant_id = $1 AND pipeline = $2"

    static let from = page(comparison: ">=")
    static let after = page(comparison: ">")

    private static func page(comparison: String) -> String {
        """
        SELECT \(columns) FROM pipelines WHERE tenant_id = $1 AND pipeline \(comparison) $2 ORDER BY pipeline LIMIT $3
        """
    }
}

enum OOMKillStatements {
    static let insert = """
        INSERT INTO oom_kills (tenant_id, lesson_number, pipeline) VALUES ($1, $2, $3)
        """

    static let page = lessons("tenant_id = $1 AND lesson_number < $2", limit: "$3")

    static let pageOfPipeline = lessons("tenant_id = $1 AND pipeline = $2 AND lesson_number < $3", limit: "$4")

    private static func lessons(_ condition: String, limit: String) -> String {
        """
        SELECT l.number, l.run_id, l.span_id, l.outcome, l.ticket
        FROM (SELECT lesson_number FROM oom_kills WHERE \(condition) ORDER BY lesson_number DESC LIMIT \(limit)) AS k
        JOIN lessons AS l ON l.tenant_id = $1 AND l.number = k.lesson_number
        ORDER BY k.lesson_number DESC
        """
    }
}

extension SQLSession {
    /// Adds a run that is being learned to its pipeline and to its week.
    func add(_ usage: RunUsage, of run: LearnedRun, _ tenant: TenantID) throws {
        let last: [SQLValue] = [
            .integer(usage.figures.oomRuns > 0 ? 1 : 0), .text(run.id.rawValue), .text(run.status.rawValue),
            .integer(run.startedAt.microseconds), .text(tenant.rawValue), .text(run.pipeline),
        ]
        // Writers take turns, so looking first is enough; not every node knows ON CONFLICT DO UPDATE.
        let figures = UsageFigures.fields.map { SQLValue.real(usage.figures[keyPath: $0.path]) }
        var rows = [(change: PipelineStatements.learned, insertion: PipelineStatements.insert, values: last)]
        for pipeline in [UsageStatements.fleet, run.pipeline] {
            let values = figures + [.text(tenant.rawValue), .text(pipeline), .integer(usage.week.number)]
            rows.append((UsageStatements.add, UsageStatements.insert, values))
        }
        let changed = try executeAll(rows.map { SQLStatement(text: $0.change, values: $0.values) }).map(\.changed)
        let missing = zip(rows, changed).filter { $0.1 == 0 }.map {
            SQLStatement(text: $0.0.insertion, values: $0.0.values)
        }
        if !missing.isEmpty { _ = try executeAll(missing) }
    }

    /// - Parameter limit: already within its bounds.
    func usageWeeks(of pipeline: String?, before week: Week?, limit: Int, _ tenant: TenantID) throws -> [UsageWeek] {
        try rows(
            UsageStatements.weeks,
            [
                .text(tenant.rawValue), .text(pipeline ?? UsageStatements.fleet), .integer(week?.number ?? .max),
                .integer(Int64(limit)),
            ]
        ).map { try $0.usageWeek() }
    }

    /// - Parameter limit: already within its bounds.
    func pipelines(
        byUnusedIn week: Week, after position: UnusedPosition?, limit: Int, _ tenant: TenantID
    ) throws -> [UsageWeek] {
        let key: [SQLValue] = [.text(tenant.rawValue), .integer(week.number)]
        let limit = SQLValue.integer(Int64(limit))
        let found =
            if let position {
                try rows(
                    UsageStatements.byUnusedAfter, key + [.real(position.unusedUSD), .text(position.pipeline), limit])
            } else {
                try rows(UsageStatements.byUnused, key + [limit])
            }
        return try found.map { try $0.usageWeek() }
    }

    /// - Parameter limit: already within its bounds.
    func pipelines(
        from name: String?, includingFirst: Bool, limit: Int, _ tenant: TenantID
    ) throws -> [StoredPipeline] {
        try rows(
            includingFirst ? PipelineStatements.from : PipelineStatements.after,
            [.text(tenant.rawValue), .text(name ?? ""), .integer(Int64(limit))]
        ).map { try $0.storedPipeline() }
    }

    func pipeline(_ name: String, _ tenant: TenantID) throws -> StoredPipeline? {
        try firstRow(PipelineStatements.find, [.text(tenant.rawValue), .text(name)])?.storedPipeline()
    }

    /// - Parameter limit: already within its bounds.
    func oomKills(of pipeline: String?, before number: Int64?, limit: Int, _ tenant: TenantID) throws -> [StoredLesson]
    {
        let page: [SQLValue] = [.integer(number ?? .max), .integer(Int64(limit))]
        let found =
            if let pipeline {
                try rows(OOMKillStatements.pageOfPipeline, [.text(tenant.rawValue), .text(pipeline)] + page)
            } else {
                try rows(OOMKillStatements.page, [.text(tenant.rawValue)] + page)
            }
        return try found.map { try $0.storedLesson() }
    }
}

/// What is kept of a run where it was learned last.
struct LearnedRun {
    var id: RunID
    var pipeline: String
    var status: RunStatus
    var startedAt: Timestamp
}

extension SQLRow {
    fileprivate func usageWeek() throws -> UsageWeek {
        var figures = UsageFigures()
        for (place, field) in UsageFigures.fields.enumerated() { figures[keyPath: field.path] = try real(place + 2) }
        return UsageWeek(pipeline: try text(0), week: Week(number: try integer(1)), figures: figures)
    }

    fileprivate func storedPipeline() throws -> StoredPipeline {
        StoredPipeline(
            name: try text(0), runs: try integer(1), oomRuns: try integer(2), lastRunID: RunID(try text(3)),
            // A status of a later version is none that this one knows.
            lastStatus: RunStatus(rawValue: try text(4)) ?? .error,
            lastStartedAt: Timestamp(microseconds: try integer(5)))
    }
}
