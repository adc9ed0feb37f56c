import Builds
import Contract
import Hummingbird
import Storage

/// `/runs`: whole runs that already happened.
struct RunsController: Sendable {
    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/runs", use: ingest)
    }

    @Sendable private func ingest(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let (run, steps) = try await request.json(WholeRunBody.self).content(receivedAt: clock.now())
        let number = try await store.ingest(run, steps: steps, tenant: context.tenant)
        if let status = run.completion?.status { metrics.runCompleted(status) }
        await learner.runCompleted(tenant: context.tenant)
        return try .json(IngestedAnswer(number: number), status: .created)
    }
}
