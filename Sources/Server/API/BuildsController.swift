import Builds
import Contract
import Hummingbird
import Storage

/// `/builds/…`: a run as it happens, in three kinds of events.
struct BuildsController: Sendable {
    let store: any Store
    let learner: Learner
    let metrics: ServerMetrics
    let clock: WallClock

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/builds/start", use: start)
        routes.post("/builds/step", use: step)
        routes.post("/builds/complete", use: complete)
    }

    @Sendable private func start(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let run = try await request.json(BuildStartBody.self).run(receivedAt: clock.now())
        if try await store.start(run, tenant: context.tenant) == .written { metrics.runStarted() }
        return try .json(OKAnswer())
    }

    @Sendable private func step(_ request: Request, context: TenantRequestContext) async throws -> Response {
        switch try await request.json(BuildStepBody.self).content(receivedAt: clock.now()) {
        case .start(let step):
            if try await store.start(step, tenant: context.tenant) == .written { metrics.stepStarted() }
        case .stop(let step, let stop):
            if try await store.stop(step, with: stop, tenant: context.tenant) == .written { metrics.stepStopped() }
        }
        return try .json(OKAnswer())
    }

    @Sendable private func complete(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let (id, completion) = try await request.json(BuildCompleteBody.self).content()
        if try await store.complete(id, with: completion, tenant: context.tenant) == .written {
            metrics.runCompleted(completion.status)
        }
        await learner.runCompleted(tenant: context.tenant)
        return try .json(OKAnswer())
    }
}
