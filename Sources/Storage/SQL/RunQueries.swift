import Builds

/// The part of a run that no query looks into.
private struct RunContent: Codable {
    var commit: String
    var image: String
    var tools: [String]
    var repository: String?
    var node: String?
    var requested: Settings
    var context: BuildContext
    var ci: CISystem?
}

/// The part of a completion that no query looks into.
private struct CompletionContent: Codable {
    var artifacts: [Artifact]
    var cache: [String: JSONValue]
}

extension RowWrite {
    /// - Throws: ``StoreError/conflict(_:)`` when the run cannot be kept at all.
    init(starting run: Run, _ tenant: TenantID) throws {
        self.init(
            kind: .runStart, tenant: tenant,
            values: [
                .text(tenant.rawValue), .text(run.id.rawValue), .text(run.pipeline), .text(run.branch),
                SQLValue(run.recommendationID), .integer(run.startedAt.microseconds), try run.storedContent(),
            ])
    }

    /// - Throws: ``StoreError/conflict(_:)`` when the completion cannot be kept at all.
    init(completing id: RunID, with completion: RunCompletion, _ tenant: TenantID) throws {
        self.init(
            kind: .runCompletion, tenant: tenant,
            values: [.text(tenant.rawValue), .text(id.rawValue)] + (try completion.storedValues()))
    }
}

extension Run {
    func storedContent() throws -> SQLValue {
        if let text = StoredText.run(self) { return .text(text) }
        return try StoredJSON.encode(
            RunContent(
                commit: commit, image: image, tools: tools, repository: repository, node: node, requested: requested,
                context: context, ci: ci))
    }
}

extension RunCompletion {
    /// Status, duration, and the rest.
    func storedValues() throws -> [SQLValue] {
        [
            .text(status.rawValue), .real(durationSeconds),
            try StoredText.completion(self).map(SQLValue.text)
                ?? StoredJSON.encode(CompletionContent(artifacts: artifacts, cache: cache)),
        ]
    }
}

extension SQLSession {
    func start(_ run: Run, _ tenant: TenantID) throws -> WriteResult {
        let content = try run.storedContent()
        let told: [SQLValue] = [.text(run.pipeline), .text(run.branch), SQLValue(run.recommendationID), content]
        if let row = try firstRow(RunStatements.find, [.text(tenant.rawValue), .text(run.id.rawValue)]) {
            // The start time is left out: where the client states none, each repetition arrives with another.
            guard [row.values[2], row.values[3], row.values[4], row.values[6]] == told else {
                throw StoreError.conflict("Run '\(run.id)' was already started with other content.")
            }
            return .unchanged
        }
        let number = try next(.runs, tenant)
        try execute(
            RunStatements.insert,
            [.text(tenant.rawValue), .text(run.id.rawValue), .integer(number)] + told[..<3]
                + [.integer(run.startedAt.microseconds), content])
        return .written
    }

    func complete(_ id: RunID, with completion: RunCompletion, _ tenant: TenantID) throws -> WriteResult {
        guard let row = try firstRow(RunStatements.find, [.text(tenant.rawValue), .text(id.rawValue)]) else {
            throw StoreError.unknownRun(id.rawValue)
        }
        let told = try completion.storedValues()
        if try !row.isNull(7) {
            guard Array(row.values[7...9]) == told else {
                throw StoreError.conflict("Run '\(id)' was already completed with other content.")
            }
            return .unchanged
        }
        let number = try next(.completions, tenant)
        try execute(RunStatements.complete, told + [.integer(number), .text(tenant.rawValue), .text(id.rawValue)])
        return .written
    }

    /// Writes a run that is new with all its parts, many rows to a statement; `nil`, and nothing is written, when any part
    /// does not fit: then ``ingest(_:steps:_:)`` says why.
    func ingestNew(_ run: Run, steps: [Step], _ tenant: TenantID) throws -> Int64? {
        guard steps.allSatisfy({ $0.runID == run.id }) else { return nil }
        do {
            var rows = [try RowWrite(starting: run, tenant)]
            rows += steps.map { RowWrite(starting: $0, tenant) }
            for step in steps {
                if let stop = step.stop { rows.append(try RowWrite(stopping: step, with: stop, tenant)) }
            }
            if let completion = run.completion {
                rows.append(try RowWrite(completing: run.id, with: completion, tenant))
            }
            try savepoint { try writeAll(rows) }
        } catch let error where error is Misfit || (error as? StoreError)?.isUnavailable == false {
            return nil
        }
        return try firstRow(RunStatements.numberOf, [.text(tenant.rawValue), .text(run.id.rawValue)])?.integer(0)
    }

    /// Every part goes the way it would go alone, so both ways agree on what "the same" means; when the run is already
    /// there, each part must be unchanged and none may be missing.
    func ingest(_ run: Run, steps: [Step], _ tenant: TenantID) throws -> Int64 {
        let isNew = try start(run, tenant) == .written
        let conflict = StoreError.conflict("Run '\(run.id)' was already recorded with other content.")
        func check(_ result: WriteResult) throws {
            guard isNew || result == .unchanged else { throw conflict }
        }
        for step in steps {
            guard step.runID == run.id else {
                throw StoreError.conflict("Step '\(step.spanID)' names run '\(step.runID)', not '\(run.id)'.")
            }
            try check(start(step, tenant))
            if let stop = step.stop { try check(self.stop(step, with: stop, tenant)) }
        }
        if let completion = run.completion { try check(complete(run.id, with: completion, tenant)) }
        guard let stored = try self.run(run.id, tenant) else { throw StoreError.unknownRun(run.id.rawValue) }
        guard (stored.run.completion == nil) == (run.completion == nil),
            stored.steps.count == Set(steps.map { Array($0.spanID.utf8) }).count,
            stored.steps.count(where: { $0.stop != nil })
                == Set(steps.filter { $0.stop != nil }.map { Array($0.spanID.utf8) }).count
        else { throw conflict }
        return stored.number
    }

    func run(_ id: RunID, _ tenant: TenantID) throws -> StoredRun? {
        let key: [SQLValue] = [.text(tenant.rawValue), .text(id.rawValue)]
        guard var stored = try firstRow(RunStatements.find, key)?.storedRun() else { return nil }
        stored.steps = try rows(StepStatements.ofRun, key).map { try $0.step(of: id) }
        stored.observations = try rows(ObservationStatements.ofRun, key).map { try $0.observation() }
        return stored
    }

    func run(numbered number: Int64, _ tenant: TenantID) throws -> StoredRun? {
        let found = try firstRow(RunStatements.idOfNumber, [.text(tenant.rawValue), .integer(number)])
        guard case .text(let id)? = found?.values[0] else { return nil }
        return try run(RunID(id), tenant)
    }

    /// - Parameter limit: already within its bounds.
    func runs(
        of pipeline: String, before number: Int64?, limit: Int, _ tenant: TenantID
    ) throws -> [StoredRun] {
        let page: [SQLValue] = [
            .text(tenant.rawValue), .text(pipeline), .integer(number ?? .max), .integer(Int64(limit)),
        ]
        return try withSteps(
            rows(RunStatements.ofPipeline, page), rows(StepStatements.ofPipeline, page),
            rows(ObservationStatements.ofPipeline, page))
    }

    /// - Parameter limit: already within its bounds.
    func unlearnedRuns(limit: Int, _ tenant: TenantID) throws -> [StoredRun] {
        let page: [SQLValue] = [.text(tenant.rawValue), .integer(Int64(limit))]
        return try withSteps(
            rows(RunStatements.toLearn, page), rows(StepStatements.toLearn, page),
            rows(ObservationStatements.toLearn, page))
    }

    /// - Throws: ``StoreError/unknownRun(_:)`` when the tenant has no such run.
    func checkExists(_ id: RunID, _ tenant: TenantID) throws {
        guard try firstRow(RunStatements.exists, [.text(tenant.rawValue), .text(id.rawValue)]) != nil else {
            throw StoreError.unknownRun(id.rawValue)
        }
    }

    /// Three statements per page, however many runs: steps and observations come with the number of their run in the last
    /// column.
    private func withSteps(
        _ runRows: [SQLRow], _ stepRows: [SQLRow], _ observationRows: [SQLRow]
    ) throws -> [StoredRun] {
        let stepsOfRun = Dictionary(grouping: stepRows) { $0.values.last }
        let observationsOfRun = Dictionary(grouping: observationRows) { $0.values.last }
        return try runRows.map { row in
            var stored = try row.storedRun()
            stored.steps = try stepsOfRun[row.values.first, default: []].map { try $0.step(of: stored.run.id) }
            stored.observations = try observationsOfRun[row.values.first, default: []].map { try $0.observation() }
            return stored
        }
    }
}

extension SQLRow {
    /// Reads the columns of ``RunStatements``; without steps.
    fileprivate func storedRun() throws -> StoredRun {
        let content: RunContent = try json(6)
        var run = Run(
            id: RunID(try text(1)), pipeline: try text(2), branch: try text(3), commit: content.commit,
            image: content.image, tools: content.tools, repository: content.repository, node: content.node,
            requested: content.requested, recommendationID: try isNull(4) ? nil : try text(4),
            context: content.context, ci: content.ci, startedAt: Timestamp(microseconds: try integer(5)))
        if try !isNull(7) {
            guard let status = RunStatus(rawValue: try text(7)) else {
                throw StoreError.unavailable("Run '\(run.id)' has a status this version does not know.")
            }
            let ending: CompletionContent = try json(9)
            run.completion = RunCompletion(
                status: status, durationSeconds: try real(8), artifacts: ending.artifacts, cache: ending.cache)
        }
        return StoredRun(number: try integer(0), run: run, steps: [])
    }
}
