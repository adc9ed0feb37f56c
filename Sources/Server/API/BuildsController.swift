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
    /// `nil` when nobody is told of events.
    var notifier: Notifier?

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/builds/start", use: start)
        routes.post("/builds/step", use: step)
        routes.post("/builds/complete", use: complete)
    }

    @Sendable private func start(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let run = try await request.report(BuildStartBody.self).run(receivedAt: clock.now())
        return try await keep(.start(run), context)
    }

    @Sendable private func step(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let step = try await request.report(BuildStepBody.self).content(receivedAt: clock.now())
        let answer = try await keep(.step(step), context)
        // Some runs hang for an hour after a kill: people want to know now.
        switch step {
        case .stop(let step, let stop) where (stop.usage.oomKills ?? 0) > 0:
            await notifier?.stepWasKilled(step.spanID, of: step.runID, tenant: context.tenant)
        case .usage(let seen) where (seen.usage.oomKills ?? 0) > 0:
            await notifier?.stepWasKilled(seen.spanID, of: seen.runID, tenant: context.tenant)
        default: break
        }
        // A run that is over may have waited for this.
        if case .usage(let observation) = step, observation.isFinal {
            await learner.runCompleted(tenant: context.tenant)
        }
        return answer
    }

    @Sendable private func complete(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let (id, completion) = try await request.report(BuildCompleteBody.self).content()
        let answer = try await keep(.complete(id, completion), context)
        await learner.runCompleted(tenant: context.tenant)
        return answer
    }

    private static let accepted = Array(JSONText.string(OKAnswer()).utf8)

    private func keep(_ report: Report, _ context: TenantRequestContext) async throws -> Response {
        _ = try await report.keep(in: store, metrics, tenant: context.tenant)
        return .json(bytes: Self.accepted)
    }
}
