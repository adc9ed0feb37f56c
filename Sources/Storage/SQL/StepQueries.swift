import Builds

enum StepStatements {
    static let insert = """
        INSERT INTO steps (tenant_id, run_id, span_id, number, stage, step, started_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """

    static let find = """
        SELECT stage, step, started_at, stopped_at, stop FROM steps
        WHERE tenant_id = $1 AND run_id = $2 AND span_id = $3
        """

    static let stop = """
        UPDATE steps SET stopped_at = $1, stop = $2 WHERE tenant_id = $3 AND run_id = $4 AND span_id = $5
        """

    static let ofRun = """
        SELECT span_id, stage, step, started_at, stopped_at, stop FROM steps
        WHERE tenant_id = $1 AND run_id = $2
        ORDER BY started_at, number
        """

    static let ofPipeline = of(RunStatements.page(ofPipeline: "run_id, number"))

    static let toLearn = of(RunStatements.page(toLearn: "run_id, number, completion_number"))

    /// The steps of every run of `page`, each with its run's number last. The tenant is named for the steps too: where
    /// tenants live on several nodes, that is what says which one to ask.
    private static func of(_ page: String) -> String {
        """
        SELECT s.span_id, s.stage, s.step, s.started_at, s.stopped_at, s.stop, r.number
        FROM (\(page)) AS r JOIN steps AS s ON s.tenant_id = $1 AND s.run_id = r.run_id
        ORDER BY r.number, s.started_at, s.number
        """
    }
}

/// The part of a step's end that no query looks into.
private struct StopContent: Codable {
    var usage: Usage
    var settings: Settings
}

extension RowWrite {
    init(starting step: Step, _ tenant: TenantID) {
        self.init(
            kind: .stepStart, tenant: tenant,
            values: [
                .text(tenant.rawValue), .text(step.runID.rawValue), .text(step.spanID), .text(step.stage),
                .text(step.step), .integer(step.startedAt.microseconds),
            ])
    }

    /// - Throws: ``StoreError/conflict(_:)`` when the stop cannot be kept at all.
    init(stopping step: Step, with stop: StepStop, _ tenant: TenantID) throws {
        self.init(
            kind: .stepStop, tenant: tenant,
            values: [
                .text(tenant.rawValue), .text(step.runID.rawValue), .text(step.spanID), .text(step.stage),
                .text(step.step),
            ] + (try stop.storedValues()))
    }
}

extension StepStop {
    /// When, and the rest.
    func storedValues() throws -> [SQLValue] {
        [
            .integer(stoppedAt.microseconds),
            try StoredText.stop(usage: usage, settings: settings).map(SQLValue.text)
                ?? StoredJSON.encode(StopContent(usage: usage, settings: settings)),
        ]
    }
}

extension SQLSession {
    func start(_ step: Step, _ tenant: TenantID) throws -> WriteResult {
        let told: [SQLValue] = [.text(step.stage), .text(step.step), .integer(step.startedAt.microseconds)]
        let key = key(of: step, tenant)
        if let row = try firstRow(StepStatements.find, key) {
            guard Array(row.values[..<3]) == told else {
                throw StoreError.conflict(
                    "The step with span '\(step.spanID)' of run '\(step.runID)' was already started with other content."
                )
            }
            return .unchanged
        }
        try checkExists(step.runID, tenant)
        try execute(StepStatements.insert, key + [.integer(try next(.steps, tenant))] + told)
        return .written
    }

    func stop(_ step: Step, with stop: StepStop, _ tenant: TenantID) throws -> WriteResult {
        let key = key(of: step, tenant)
        guard let row = try firstRow(StepStatements.find, key) else {
            try checkExists(step.runID, tenant)
            throw StoreError.unknownStep(step.spanID)
        }
        guard Array(row.values[..<2]) == [.text(step.stage), .text(step.step)] else {
            throw StoreError.conflict(
                "The step with span '\(step.spanID)' of run '\(step.runID)' started as '\(try row.text(1))' of stage "
                    + "'\(try row.text(0))'; its stop must name the same.")
        }
        guard stop.stoppedAt.microseconds >= (try row.integer(2)) else {
            throw StoreError.stopBeforeStart(step.spanID)
        }
        let told = try stop.storedValues()
        if try !row.isNull(3) {
            guard Array(row.values[3...4]) == told else {
                throw StoreError.conflict(
                    "The step with span '\(step.spanID)' of run '\(step.runID)' was already stopped with other content."
                )
            }
            return .unchanged
        }
        try execute(StepStatements.stop, told + key)
        return .written
    }

    private func key(of step: Step, _ tenant: TenantID) -> [SQLValue] {
        [.text(tenant.rawValue), .text(step.runID.rawValue), .text(step.spanID)]
    }
}

extension SQLRow {
    /// Reads the first six columns of ``StepStatements/ofRun``.
    func step(of run: RunID) throws -> Step {
        var step = Step(
            runID: run, spanID: try text(0), stage: try text(1), step: try text(2),
            startedAt: Timestamp(microseconds: try integer(3)))
        if try !isNull(4) {
            let content: StopContent = try json(5)
            step.stop = StepStop(
                stoppedAt: Timestamp(microseconds: try integer(4)), usage: content.usage, settings: content.settings)
        }
        return step
    }
}
