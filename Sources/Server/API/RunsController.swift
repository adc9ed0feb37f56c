import Builds
import Contract
import Hummingbird
import Storage

/// `/runs`: whole runs that already happened; `/history`: what was learned from them.
struct RunsController: Sendable {
    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock

    func addRoutes(
        ingest ingesting: RouterGroup<TenantRequestContext>, read reading: RouterGroup<TenantRequestContext>
    ) {
        ingesting.post("/runs", use: ingest)
        reading.get("/runs/:run_id", use: show)
        reading.get("/history", use: history)
    }

    /// Events of one run that are shown.
    private static let eventLimit = 100
    /// Builds in a page of history: about 250 kB.
    private static let historyLimit = 500

    @Sendable private func ingest(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let (run, steps) = try await request.report(WholeRunBody.self).content(receivedAt: clock.now())
        let number = try await WholeRun(run: run, steps: steps).keep(in: store, metrics, tenant: context.tenant)
        await learner.runCompleted(tenant: context.tenant)
        return try .json(IngestedAnswer(number: number), status: .created)
    }

    @Sendable private func show(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let stored = try await store.run(namedByClient: context.pathParameter("run_id"), tenant: context.tenant)
        let events = try await store.events(
            of: .run(stored.run.id), limit: Self.eventLimit, tenant: context.tenant)
        return try .json(RunAnswer(stored.run, steps: stored.knownSteps, events: events.compactMap(\.event)))
    }

    @Sendable private func history(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let query = QueryParameters(request)
        let limit = Int(try query.integer("limit", in: 1...1000) ?? Int64(Self.historyLimit))
        let lessons = try await store.lessons(
            of: query.text("pipeline"), after: query.integer("after", in: 0 ... .max) ?? 0, limit: limit,
            tenant: context.tenant)
        return try .json(
            HistoryAnswer(
                builds: lessons.map { .init($0.lesson.outcome, number: $0.number, runID: $0.runID) },
                next: lessons.count < limit ? nil : lessons.last?.number))
    }
}
