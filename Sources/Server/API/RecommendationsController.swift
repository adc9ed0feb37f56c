import Contract
import Hummingbird
import Storage

/// `/recommendations/{id}`: a recommendation given earlier, as it was given.
struct RecommendationsController: Sendable {
    let store: any Store

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/recommendations/:id", use: show)
    }

    @Sendable private func show(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.pathParameter("id")
        guard let kept = try await store.recommendation(id, tenant: context.tenant) else {
            throw APIError.notFound("There is no recommendation '\(id)'.")
        }
        return try .json(OptimizeAnswer(kept.recommendation, mode: OptimizeController.mode))
    }
}
