import Builds
import Hummingbird
import Storage

/// `/models`: the trained models, and which of them is in force.
struct ModelsController: Sendable {
    /// The name under which the closed form stands among the versions.
    static let closedForm = "none"

    let store: any Store
    let learner: Learner

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/models", use: list)
        routes.post("/models/train", use: train)
        routes.post("/models/:version/activate", use: activate)
    }

    private struct ModelAnswer: Encodable {
        var version: String
        var created_at: String?
        var active: Bool
        var metrics: [String: Double]

        init(_ model: StoredModel) {
            version = model.version
            created_at = model.createdAt.rfc3339
            active = model.isActive
            metrics = model.metrics
        }

        init(closedFormIsActive: Bool) {
            version = ModelsController.closedForm
            active = closedFormIsActive
            metrics = [:]
        }
    }

    private struct ListAnswer: Encodable {
        /// The version in force, `none` for the closed form.
        var active: String
        /// Newest first, the closed form last.
        var models: [ModelAnswer]
    }

    private struct TrainAnswer: Encodable {
        var model: ModelAnswer
        /// Why it went into force, or did not.
        var reason: String
    }

    private struct ActivateAnswer: Encodable {
        var active: String
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let models = try await store.models(tenant: context.tenant)
        let active = models.first(where: \.isActive)?.version
        return try .json(
            ListAnswer(
                active: active ?? Self.closedForm,
                models: models.map(ModelAnswer.init) + [ModelAnswer(closedFormIsActive: active == nil)]))
    }

    @Sendable private func train(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let result = try await learner.train(tenant: context.tenant)
        let held = result.choice.isHeld && result.choice.isAccepted
        return try .json(
            TrainAnswer(
                model: ModelAnswer(result.model),
                reason: held
                    ? "Somebody went back to an earlier model; this one waits to be activated." : result.choice.reason),
            status: .created)
    }

    @Sendable private func activate(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let version = try context.pathParameter("version")
        try await learner.activate(version == Self.closedForm ? nil : version, tenant: context.tenant)
        return try .json(ActivateAnswer(active: version))
    }
}
