import Builds
import Contract
import Hummingbird
import Storage

/// `/models`: the trained models, and which of them is in force.
struct ModelsController: Sendable {
    let store: any Store
    let learner: Learner
    let audit: AuditLog

    func addRoutes(read: RouterGroup<TenantRequestContext>, operate: RouterGroup<TenantRequestContext>) {
        read.get("/models", use: list)
        operate.post("/models/train", use: train)
        operate.post("/models/:version/activate", use: activate)
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let models = try await store.models(tenant: context.tenant)
        let active = models.first(where: \.isActive)?.version
        return try .json(
            ModelsAnswer(
                active: active ?? ModelAnswer.closedForm,
                models: models.map(ModelAnswer.init) + [
                    ModelAnswer(version: ModelAnswer.closedForm, created_at: nil, active: active == nil, metrics: [:])
                ]))
    }

    @Sendable private func train(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let result = try await learner.train(tenant: context.tenant)
        try await audit.record("model.train", result.model.version, by: context.caller)
        let held = result.choice.isHeld && result.choice.isAccepted
        return try .json(
            TrainedModelAnswer(
                model: ModelAnswer(result.model),
                reason: held
                    ? "Somebody went back to an earlier model; this one waits to be activated." : result.choice.reason),
            status: .created)
    }

    @Sendable private func activate(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let version = try context.pathParameter("version")
        try await learner.activate(version == ModelAnswer.closedForm ? nil : version, tenant: context.tenant)
        try await audit.record("model.activate", version, by: context.caller)
        return try .json(ActivatedModelAnswer(active: version))
    }
}

extension ModelAnswer {
    fileprivate init(_ model: StoredModel) {
        self.init(
            version: model.version, created_at: model.createdAt.rfc3339, active: model.isActive, metrics: model.metrics)
    }
}
