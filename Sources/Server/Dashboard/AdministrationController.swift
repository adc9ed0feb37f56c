import Builds
import Contract
import Foundation
import Hummingbird
import Optimizer
import Storage

/// The pages on which something can be changed: models, tokens, the audit log.
struct AdministrationController: Sendable {
    let store: any Store
    let learner: Learner
    let tokens: TokenAdministration
    let configuration: OptimizerConfiguration

    private var audit: AuditLog { tokens.audit }

    func addRoutes(
        read: RouterGroup<PageContext>, operate: RouterGroup<PageContext>, admin: RouterGroup<PageContext>
    ) {
        read.get("/ui/models", use: models)
        operate.post("/ui/models/train", use: train)
        operate.post("/ui/models/activate", use: activate)
        read.get("/ui/settings", use: settings)
        admin.get("/ui/audit", use: auditLog)
        admin.post("/ui/tokens", use: createToken)
        admin.post("/ui/tokens/revoke", use: revokeToken)
    }

    // MARK: - Models

    @Sendable private func models(_ request: Request, context: PageContext) async throws -> Response {
        try await modelsPage(context, notice: nil).response(to: request)
    }

    private func modelsPage(_ context: PageContext, notice: String?) async throws -> Page {
        let tenant = context.tenant
        let page = ModelsPage(
            models: try await store.models(tenant: tenant),
            weeks: try await store.usageWeeks(of: nil, before: nil, limit: ModelsPage.weeks, tenant: tenant),
            canTrain: learner.resources.training.library != nil,
            observedRuns: try await learner.observedCount(tenant: tenant), session: context.session, notice: notice)
        return Page(title: "Models", section: .models, body: page.body, session: context.session)
    }

    @Sendable private func train(_ request: Request, context: PageContext) async throws -> Response {
        let result = try await learner.train(tenant: context.tenant)
        try await audit.record("model.train", result.model.version, by: context.session.caller)
        return try await modelsPage(context, notice: "Trained \(result.model.version). \(result.choice.reason)")
            .response(to: request)
    }

    @Sendable private func activate(_ request: Request, context: PageContext) async throws -> Response {
        var request = request
        guard let version = try await FormFields(&request)["version"] else {
            throw APIError.invalid([FieldError(field: "version", message: "must be stated")])
        }
        try await learner.activate(version == ModelAnswer.closedForm ? nil : version, tenant: context.tenant)
        try await audit.record("model.activate", version, by: context.session.caller)
        return .redirect(to: "/ui/models", type: .normal)
    }

    // MARK: - Settings and tokens

    @Sendable private func settings(_ request: Request, context: PageContext) async throws -> Response {
        try await settingsPage(context, newSecret: nil).response(to: request)
    }

    private func settingsPage(_ context: PageContext, newSecret: String?) async throws -> Page {
        let page = SettingsPage(
            session: context.session, configuration: configuration,
            tokens: context.session.caller.may(.admin) ? try await store.tokens(tenant: context.tenant) : nil,
            now: audit.clock.now(), newSecret: newSecret)
        return Page(title: "Settings", section: .settings, body: page.body, session: context.session)
    }

    @Sendable private func createToken(_ request: Request, context: PageContext) async throws -> Response {
        var request = request
        let form = try await FormFields(&request)
        let days = form["days"].map { Double($0) ?? .nan }
        let wanted = try TokenBody(
            name: form["name"] ?? "", scopeNames: form.all("scopes"), expiresInSeconds: days.map { $0 * 86_400 }
        ).content()
        let (_, secret) = try await tokens.create(wanted, by: context.session.caller)
        var response = try await settingsPage(context, newSecret: secret.text).response(to: request)
        // The one page that holds a secret is kept nowhere.
        response.headers[.cacheControl] = "no-store"
        response.headers[.eTag] = nil
        return response
    }

    @Sendable private func revokeToken(_ request: Request, context: PageContext) async throws -> Response {
        var request = request
        guard let id = try await FormFields(&request)["id"] else {
            throw APIError.invalid([FieldError(field: "id", message: "must be stated")])
        }
        try await tokens.revoke(id, by: context.session.caller)
        return .redirect(to: "/ui/settings", type: .normal)
    }

    @Sendable private func auditLog(_ request: Request, context: PageContext) async throws -> Response {
        let before = try QueryParameters(request).integer("before", in: 1 ... .max)
        let found = try await store.auditLog(before: before, limit: AuditPage.perPage + 1, tenant: context.tenant)
        let shown = Array(found.prefix(AuditPage.perPage))
        let page = AuditPage(entries: shown, next: found.count > shown.count ? shown.last?.number : nil)
        return Page(title: "Audit log", section: .settings, body: page.body, session: context.session)
            .response(to: request)
    }
}
