import Builds

extension SQLStore {
    public func start(_ run: Run, tenant: TenantID) async throws -> WriteResult {
        try await write(RowWrite(starting: run, tenant), whenNew: .written) { try $0.start(run, tenant) }
    }

    public func start(_ step: Step, tenant: TenantID) async throws -> WriteResult {
        try await write(RowWrite(starting: step, tenant), whenNew: .written) { try $0.start(step, tenant) }
    }

    public func stop(_ step: Step, with stop: StepStop, tenant: TenantID) async throws -> WriteResult {
        try await write(RowWrite(stopping: step, with: stop, tenant), whenNew: .written) {
            try $0.stop(step, with: stop, tenant)
        }
    }

    public func observe(_ observation: StepObservation, tenant: TenantID) async throws -> WriteResult {
        try await write { try $0.observe(observation, tenant) }
    }

    public func complete(_ id: RunID, with completion: RunCompletion, tenant: TenantID) async throws -> WriteResult {
        try await write(RowWrite(completing: id, with: completion, tenant), whenNew: .written) {
            try $0.complete(id, with: completion, tenant)
        }
    }

    public func ingest(_ run: Run, steps: [Step], tenant: TenantID) async throws -> Int64 {
        try await write { session in
            try session.ingestNew(run, steps: steps, tenant) ?? session.ingest(run, steps: steps, tenant)
        }
    }

    public func run(_ id: RunID, tenant: TenantID) async throws -> StoredRun? {
        try await read { try $0.run(id, tenant) }
    }

    public func run(numbered number: Int64, tenant: TenantID) async throws -> StoredRun? {
        try await read { try $0.run(numbered: number, tenant) }
    }

    public func runs(
        of pipeline: String, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [StoredRun] {
        try await read { try $0.runs(of: pipeline, before: number, limit: limit.clamped(to: 1...1000), tenant) }
    }
}

extension SQLStore {
    public func save(_ recommendation: Recommendation, ticket: [UInt8], tenant: TenantID) async throws {
        try await write(RowWrite(saving: recommendation, ticket: ticket, tenant), whenNew: ()) {
            try $0.save(recommendation, ticket: ticket, tenant)
        }
    }

    public func recommendation(_ id: String, tenant: TenantID) async throws -> StoredRecommendation? {
        try await read { try $0.recommendation(id, tenant) }
    }

    public func recommendations(
        of pipeline: String?, limit: Int, tenant: TenantID
    ) async throws -> [StoredRecommendation] {
        try await read { try $0.recommendations(of: pipeline, limit: limit.clamped(to: 1...1000), tenant) }
    }
}

extension SQLStore {
    public func unlearnedRuns(limit: Int, tenant: TenantID) async throws -> [StoredRun] {
        try await read { try $0.unlearnedRuns(limit: limit.clamped(to: 1...1000), tenant) }
    }

    public func learned(
        _ lessons: [Lesson], usage: RunUsage?, from id: RunID, tenant: TenantID
    ) async throws -> WriteResult {
        try await write { try $0.learned(lessons, usage: usage, from: id, tenant) }
    }

    public func lessons(
        of pipeline: String?, after number: Int64, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await read { try $0.lessons(of: pipeline, after: number, limit: limit.clamped(to: 1...10_000), tenant) }
    }

    public func lessons(
        of step: StepIdentity, before number: Int64, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await read { try $0.lessons(of: step, before: number, limit: limit.clamped(to: 1...1000), tenant) }
    }

    public func learningPosition(tenant: TenantID) async throws -> LearningPosition {
        try await read { try $0.learningPosition(tenant) }
    }
}

extension SQLStore {
    public func save(_ events: [StoredEvent], tenant: TenantID) async throws {
        try await write { try $0.save(events, tenant) }
    }

    public func events(
        of subject: EventSubject, before position: EventPosition?, limit: Int, tenant: TenantID
    ) async throws -> [StoredEvent] {
        try await read { try $0.events(of: subject, before: position, limit: limit.clamped(to: 1...1000), tenant) }
    }
}

extension SQLStore {
    public func usageWeeks(
        of pipeline: String?, before week: Week?, limit: Int, tenant: TenantID
    ) async throws -> [UsageWeek] {
        try await read { try $0.usageWeeks(of: pipeline, before: week, limit: limit.clamped(to: 1...1000), tenant) }
    }

    public func pipelines(
        byUnusedIn week: Week, after position: UnusedPosition?, limit: Int, tenant: TenantID
    ) async throws -> [UsageWeek] {
        try await read {
            try $0.pipelines(byUnusedIn: week, after: position, limit: limit.clamped(to: 1...1000), tenant)
        }
    }

    public func pipelines(
        from name: String?, includingFirst: Bool, limit: Int, tenant: TenantID
    ) async throws -> [StoredPipeline] {
        try await read {
            try $0.pipelines(from: name, includingFirst: includingFirst, limit: limit.clamped(to: 1...1000), tenant)
        }
    }

    public func pipeline(_ name: String, tenant: TenantID) async throws -> StoredPipeline? {
        try await read { try $0.pipeline(name, tenant) }
    }

    public func oomKills(
        of pipeline: String?, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await read { try $0.oomKills(of: pipeline, before: number, limit: limit.clamped(to: 1...1000), tenant) }
    }

    public func recommendations(
        ofRunsOf pipeline: String, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [String: Recommendation] {
        try await read {
            try $0.recommendations(ofRunsOf: pipeline, before: number, limit: limit.clamped(to: 1...1000), tenant)
        }
    }
}

extension SQLStore {
    public func events(after number: Int64, limit: Int, tenant: TenantID) async throws -> [NumberedEvent] {
        try await read { try $0.events(after: number, limit: limit.clamped(to: 1...1000), tenant) }
    }

    public func newestEvent(tenant: TenantID) async throws -> Int64 {
        try await read { try $0.newestEvent(tenant) }
    }

    public func delivery(to destination: String, tenant: TenantID) async throws -> StoredDelivery? {
        try await read { try $0.delivery(to: destination, tenant) }
    }

    public func save(_ delivery: StoredDelivery, tenant: TenantID) async throws -> Bool {
        try await write { try $0.save(delivery, tenant) }
    }

    public func dueDeliveries(at time: Timestamp, limit: Int) async throws -> [DueDelivery] {
        try await read { try $0.dueDeliveries(at: time, limit: limit.clamped(to: 1...10_000)) }
    }
}

extension SQLStore {
    public func save(_ model: StoredModel, tenant: TenantID) async throws {
        try await write { try $0.save(model, tenant) }
    }

    public func models(tenant: TenantID) async throws -> [StoredModel] {
        try await read { try $0.models(tenant) }
    }

    public func model(_ version: String, tenant: TenantID) async throws -> StoredModel? {
        try await read { try $0.model(version, tenant) }
    }

    public func activeModel(tenant: TenantID) async throws -> StoredModel? {
        try await read { try $0.activeModel(tenant) }
    }

    public func activateModel(_ version: String?, tenant: TenantID) async throws {
        try await write { try $0.activateModel(version, tenant) }
    }
}

extension SQLStore {
    public func create(_ token: StoredToken, digest: [UInt8], audit: AuditEntry) async throws {
        try await write { session in
            try session.create(token, digest: digest)
            try session.record(audit, token.tenant)
        }
    }

    public func rotate(
        _ id: String, to successor: StoredToken, digest: [UInt8], oldEndsAt end: Timestamp, audit: AuditEntry
    ) async throws {
        try await write { session in
            try session.rotate(id, to: successor, digest: digest, oldEndsAt: end, at: audit.at)
            try session.record(audit, successor.tenant)
        }
    }

    public func revokeToken(_ id: String, audit: AuditEntry, tenant: TenantID) async throws {
        try await write { session in
            if try session.revokeToken(id, at: audit.at, tenant) { try session.record(audit, tenant) }
        }
    }

    public func token(digest: [UInt8]) async throws -> StoredToken? {
        try await read { try $0.token(digest: digest) }
    }

    public func tokens(tenant: TenantID) async throws -> [StoredToken] {
        try await read { try $0.tokens(tenant) }
    }

    public func record(_ entry: AuditEntry, tenant: TenantID) async throws {
        try await write { try $0.record(entry, tenant) }
    }

    public func auditLog(before number: Int64?, limit: Int, tenant: TenantID) async throws -> [AuditEntry] {
        try await read { try $0.auditLog(before: number, limit: limit.clamped(to: 1...1000), tenant) }
    }
}

extension SQLStore {
    public func markRetention(at time: Timestamp, tenant: TenantID) async throws {
        let day: Int64 = 86_400_000_000
        try await write { try $0.markRetention(at: time, interval: day, tenant) }
    }

    public func pruneSteps(recordedBefore time: Timestamp, limit: Int, tenant: TenantID) async throws -> PrunedSteps {
        let limit = limit.clamped(to: 1...1000)
        return try await write { try $0.pruneSteps(recordedBefore: time, limit: limit, tenant) }
    }

    public func tenants() async throws -> [TenantID] {
        try await read { try $0.tenants() }
    }

    public func counts() async throws -> [String: Int64] {
        try await read { try $0.counts() }
    }

    public func unlearnedRunCount() async throws -> Int64 {
        try await read { try $0.firstRow(RunStatements.countToLearn, [])?.integer(0) ?? 0 }
    }

    public func ping() async throws {
        try await read { _ = try $0.rows("SELECT 1 FROM schema_migrations LIMIT 1", []) }
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
