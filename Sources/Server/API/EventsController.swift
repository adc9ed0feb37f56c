import Builds
import Contract
import Hummingbird
import Optimizer

/// `/events`: drift, anomalies, rollbacks and OOM kills beyond what was accepted.
struct EventsController: Sendable {
    let learner: Learner

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/events", use: list)
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let alerts = try await learner.alerts(tenant: context.tenant)
        let pipeline = request.uri.queryParameters.get("pipeline")
        let wanted = alerts.reversed().filter { pipeline == nil || $0.step.pipeline == pipeline }
        return try .json(EventsAnswer(events: wanted.map(EventsAnswer.Event.init)))
    }
}

extension EventsAnswer.Event {
    fileprivate init(_ alert: Alert) {
        self.init(
            kind: alert.kind.rawValue, step: alert.step, at: alert.at, text: alert.text, before: alert.before,
            after: alert.after, unit: alert.unit, runs: alert.runs)
    }
}
