import Builds

enum ObservationStatements {
    static let find = """
        SELECT observed_at, is_final, content FROM step_observations
        WHERE tenant_id = $1 AND run_id = $2 AND span_id = $3
        """

    static let insert = """
        INSERT INTO step_observations (tenant_id, run_id, span_id, observed_at, is_final, content)
        VALUES ($1, $2, $3, $4, $5, $6)
        """

    static let update = """
        UPDATE step_observations SET observed_at = $1, is_final = $2, content = $3
        WHERE tenant_id = $4 AND run_id = $5 AND span_id = $6
        """

    static let ofRun = """
        SELECT run_id, span_id, observed_at, is_final, content FROM step_observations
        WHERE tenant_id = $1 AND run_id = $2 ORDER BY span_id
        """

    static let ofPipeline = of(RunStatements.page(ofPipeline: "run_id, number"))

    static let toLearn = of(RunStatements.page(toLearn: "run_id, number, completion_number"))

    /// Those of every run of `page`, each with its run's number last.
    private static func of(_ page: String) -> String {
        """
        SELECT o.run_id, o.span_id, o.observed_at, o.is_final, o.content, r.number
        FROM (\(page)) AS r JOIN step_observations AS o ON o.tenant_id = $1 AND o.run_id = r.run_id
        ORDER BY r.number, o.span_id
        """
    }
}

/// The part of an observation that no query looks into.
private struct ObservationContent: Codable {
    var stage: String
    var step: String
    var usage: Usage
}

extension SQLSession {
    /// Keeps the newest observation of a step. An older one that comes late is ``WriteResult/unchanged``, and so is one
    /// that is not final after one that is.
    func observe(_ observation: StepObservation, _ tenant: TenantID) throws -> WriteResult {
        let key: [SQLValue] = [
            .text(tenant.rawValue), .text(observation.runID.rawValue), .text(observation.spanID),
        ]
        let told: [SQLValue] = [
            .integer(observation.observedAt.microseconds), .integer(observation.isFinal ? 1 : 0),
            try StoredJSON.encode(
                ObservationContent(stage: observation.stage, step: observation.step, usage: observation.usage)),
        ]
        guard let row = try firstRow(ObservationStatements.find, key) else {
            try checkExists(observation.runID, tenant)
            try execute(ObservationStatements.insert, key + told)
            return .written
        }
        let wasFinal = try row.integer(1) == 1
        let isNewer = try row.integer(0) < observation.observedAt.microseconds
        guard observation.isFinal == wasFinal ? isNewer : observation.isFinal else { return .unchanged }
        try execute(ObservationStatements.update, told + key)
        return .written
    }
}

extension SQLRow {
    /// Reads the first five columns of ``ObservationStatements/ofRun``.
    func observation() throws -> StepObservation {
        let content: ObservationContent = try json(4)
        return StepObservation(
            runID: RunID(try text(0)), spanID: try text(1), stage: content.stage, step: content.step,
            observedAt: Timestamp(microseconds: try integer(2)), usage: content.usage, isFinal: try integer(3) == 1)
    }
}
