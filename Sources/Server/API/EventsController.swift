import Builds
import Contract
import Hummingbird
import Storage

/// `/events`: drift, anomalies, rollbacks and OOM kills beyond what was accepted.
struct EventsController: Sendable {
    /// A page for a person; more than a screen shows.
    private static let defaultLimit = 200

    let store: any Store

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/events", use: list)
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let query = QueryParameters(request)
        let limit = try query.integer("limit", in: 1...1000) ?? Int64(Self.defaultLimit)
        let pipeline = query.text("pipeline")
        let subject: EventSubject =
            query.text("run_id").map { .run(RunID($0)) } ?? pipeline.map(EventSubject.pipeline) ?? .all
        let events = try await store.events(of: subject, limit: Int(limit), tenant: context.tenant)
        let wanted = events.filter { pipeline == nil || $0.pipeline == pipeline }
        return try .json(EventsAnswer(events: wanted.compactMap(\.event)))
    }
}
