import Builds
import Contract
import Foundation
import Hummingbird

/// `/optimize`: sizes the next run.
struct OptimizeController: Sendable {
    /// Recommending and applying are separate acts; who applies decides for itself.
    static let mode = "suggest"

    let learner: Learner
    let metrics: ServerMetrics

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.post("/optimize", use: optimize)
    }

    @Sendable private func optimize(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let question = try await request.json(OptimizeBody.self).request()
        let recommendation = try await learner.recommend(
            question, id: UUID().uuidString.lowercased(), tenant: context.tenant)
        metrics.recommended(recommendation)
        return try .json(OptimizeAnswer(recommendation, mode: Self.mode))
    }
}
