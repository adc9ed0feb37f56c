import Builds
import Storage
import Synchronization

/// A store in front of another that fails, or waits, when told to.
final class FaultyStore: Store {
    enum Fault: Sendable {
        case fails(StoreError)
        /// Waits until the caller is cancelled.
        case hangs
    }

    enum Operation: Hashable, Sendable {
        case write, saveRecommendation, learned, ping, findToken, counts
    }

    private let base: any Store
    private let faults = Mutex<[Operation: Fault]>([:])

    init(_ base: any Store) { self.base = base }

    func set(_ fault: Fault?, for operation: Operation) { faults.withLock { $0[operation] = fault } }

    private func pass(_ operation: Operation) async throws {
        switch faults.withLock({ $0[operation] }) {
        case nil: return
        case .fails(let error): throw error
        case .hangs:
            let (stream, _) = AsyncStream.makeStream(of: Never.self)
            for await _ in stream {}
            throw CancellationError()
        }
    }

    func start(_ run: Run, tenant: TenantID) async throws -> WriteResult {
        try await pass(.write)
        return try await base.start(run, tenant: tenant)
    }
    func start(_ step: Step, tenant: TenantID) async throws -> WriteResult {
        try await base.start(step, tenant: tenant)
    }
    func stop(_ step: Step, with stop: StepStop, tenant: TenantID) async throws -> WriteResult {
        try await base.stop(step, with: stop, tenant: tenant)
    }
    func observe(_ observation: StepObservation, tenant: TenantID) async throws -> WriteResult {
        try await base.observe(observation, tenant: tenant)
    }
    func complete(_ id: RunID, with completion: RunCompletion, tenant: TenantID) async throws -> WriteResult {
        try await base.complete(id, with: completion, tenant: tenant)
    }
    func ingest(_ run: Run, steps: [Step], tenant: TenantID) async throws -> Int64 {
        try await base.ingest(run, steps: steps, tenant: tenant)
    }
    func write(_ batch: [BatchEntry], tenant: TenantID) async throws -> [Result<WriteResult, StoreError>] {
        try await base.write(batch, tenant: tenant)
    }
    func run(_ id: RunID, tenant: TenantID) async throws -> StoredRun? { try await base.run(id, tenant: tenant) }
    func run(numbered number: Int64, tenant: TenantID) async throws -> StoredRun? {
        try await base.run(numbered: number, tenant: tenant)
    }
    func runs(of pipeline: String, before number: Int64?, limit: Int, tenant: TenantID) async throws -> [StoredRun] {
        try await base.runs(of: pipeline, before: number, limit: limit, tenant: tenant)
    }
    func save(_ recommendation: Recommendation, ticket: [UInt8], tenant: TenantID) async throws {
        try await pass(.saveRecommendation)
        try await base.save(recommendation, ticket: ticket, tenant: tenant)
    }
    func recommendation(_ id: String, tenant: TenantID) async throws -> StoredRecommendation? {
        try await base.recommendation(id, tenant: tenant)
    }
    func recommendations(of pipeline: String?, limit: Int, tenant: TenantID) async throws -> [StoredRecommendation] {
        try await base.recommendations(of: pipeline, limit: limit, tenant: tenant)
    }
    func unlearnedRuns(limit: Int, tenant: TenantID) async throws -> [StoredRun] {
        try await base.unlearnedRuns(limit: limit, tenant: tenant)
    }
    func learned(
        _ lessons: [Lesson], usage: RunUsage?, from id: RunID, tenant: TenantID
    ) async throws -> WriteResult {
        try await pass(.learned)
        return try await base.learned(lessons, usage: usage, from: id, tenant: tenant)
    }
    func lessons(
        of pipeline: String?, after number: Int64, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await base.lessons(of: pipeline, after: number, limit: limit, tenant: tenant)
    }
    func lessons(
        of step: StepIdentity, before number: Int64, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await base.lessons(of: step, before: number, limit: limit, tenant: tenant)
    }
    func learningPosition(tenant: TenantID) async throws -> LearningPosition {
        try await base.learningPosition(tenant: tenant)
    }
    func save(_ events: [StoredEvent], tenant: TenantID) async throws {
        try await base.save(events, tenant: tenant)
    }
    func events(
        of subject: EventSubject, before position: EventPosition?, limit: Int, tenant: TenantID
    ) async throws -> [StoredEvent] {
        try await base.events(of: subject, before: position, limit: limit, tenant: tenant)
    }
    func usageWeeks(
        of pipeline: String?, before week: Week?, limit: Int, tenant: TenantID
    ) async throws -> [UsageWeek] {
        try await base.usageWeeks(of: pipeline, before: week, limit: limit, tenant: tenant)
    }
    func pipelines(
        byUnusedIn week: Week, after position: UnusedPosition?, limit: Int, tenant: TenantID
    ) async throws -> [UsageWeek] {
        try await base.pipelines(byUnusedIn: week, after: position, limit: limit, tenant: tenant)
    }
    func pipelines(
        from name: String?, includingFirst: Bool, limit: Int, tenant: TenantID
    ) async throws -> [StoredPipeline] {
        try await base.pipelines(from: name, includingFirst: includingFirst, limit: limit, tenant: tenant)
    }
    func pipeline(_ name: String, tenant: TenantID) async throws -> StoredPipeline? {
        try await base.pipeline(name, tenant: tenant)
    }
    func oomKills(
        of pipeline: String?, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson] {
        try await base.oomKills(of: pipeline, before: number, limit: limit, tenant: tenant)
    }
    func recommendations(
        ofRunsOf pipeline: String, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [String: Recommendation] {
        try await base.recommendations(ofRunsOf: pipeline, before: number, limit: limit, tenant: tenant)
    }
    func events(after number: Int64, limit: Int, tenant: TenantID) async throws -> [NumberedEvent] {
        try await base.events(after: number, limit: limit, tenant: tenant)
    }
    func newestEvent(tenant: TenantID) async throws -> Int64 { try await base.newestEvent(tenant: tenant) }
    func delivery(to destination: String, tenant: TenantID) async throws -> StoredDelivery? {
        try await base.delivery(to: destination, tenant: tenant)
    }
    func save(_ delivery: StoredDelivery, tenant: TenantID) async throws -> Bool {
        try await base.save(delivery, tenant: tenant)
    }
    func dueDeliveries(at time: Timestamp, limit: Int) async throws -> [DueDelivery] {
        try await base.dueDeliveries(at: time, limit: limit)
    }
    func save(_ model: StoredModel, tenant: TenantID) async throws { try await base.save(model, tenant: tenant) }
    func models(tenant: TenantID) async throws -> [StoredModel] { try await base.models(tenant: tenant) }
    func model(_ version: String, tenant: TenantID) async throws -> StoredModel? {
        try await base.model(version, tenant: tenant)
    }
    func activeModel(tenant: TenantID) async throws -> StoredModel? { try await base.activeModel(tenant: tenant) }
    func activateModel(_ version: String?, tenant: TenantID) async throws {
        try await base.activateModel(version, tenant: tenant)
    }
    func create(_ token: StoredToken, digest: [UInt8], audit: AuditEntry) async throws {
        try await base.create(token, digest: digest, audit: audit)
    }
    func rotate(
        _ id: String, to successor: StoredToken, digest: [UInt8], oldEndsAt end: Timestamp, audit: AuditEntry
    ) async throws {
        try await base.rotate(id, to: successor, digest: digest, oldEndsAt: end, audit: audit)
    }
    func revokeToken(_ id: String, audit: AuditEntry, tenant: TenantID) async throws {
        try await base.revokeToken(id, audit: audit, tenant: tenant)
    }
    func token(digest: [UInt8]) async throws -> StoredToken? {
        try await pass(.findToken)
        return try await base.token(digest: digest)
    }
    func tokens(tenant: TenantID) async throws -> [StoredToken] { try await base.tokens(tenant: tenant) }
    func record(_ entry: AuditEntry, tenant: TenantID) async throws { try await base.record(entry, tenant: tenant) }
    func auditLog(before number: Int64?, limit: Int, tenant: TenantID) async throws -> [AuditEntry] {
        try await base.auditLog(before: number, limit: limit, tenant: tenant)
    }
    var leadership: any Leadership { base.leadership }
    func markRetention(at time: Timestamp, tenant: TenantID) async throws {
        try await base.markRetention(at: time, tenant: tenant)
    }
    func pruneSteps(recordedBefore time: Timestamp, limit: Int, tenant: TenantID) async throws -> PrunedSteps {
        try await base.pruneSteps(recordedBefore: time, limit: limit, tenant: tenant)
    }
    func tenants() async throws -> [TenantID] { try await base.tenants() }
    func counts() async throws -> [String: Int64] {
        try await pass(.counts)
        return try await base.counts()
    }
    func unlearnedRunCount() async throws -> Int64 { try await base.unlearnedRunCount() }
    var figures: StoreFigures { base.figures }
    func ping() async throws {
        try await pass(.ping)
        try await base.ping()
    }
    func close() async throws { try await base.close() }
}
