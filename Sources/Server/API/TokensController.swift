import Builds
import Contract
import Foundation
import Hummingbird
import Storage

/// `/tokens`: the tokens of the caller's tenant; `/audit`: who changed what.
struct TokensController: Sendable {
    let tokens: TokenAdministration

    private var store: any TokenStore { tokens.store }
    private var audit: AuditLog { tokens.audit }

    func addRoutes(to routes: RouterGroup<TenantRequestContext>) {
        routes.get("/tokens", use: list)
        routes.post("/tokens", use: create)
        routes.post("/tokens/:token_id/rotate", use: rotate)
        routes.delete("/tokens/:token_id", use: revoke)
        routes.get("/audit", use: log)
    }

    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let now = audit.clock.now()
        let tokens = try await store.tokens(tenant: context.tenant)
        return try .json(TokensAnswer(tokens: tokens.map { TokenAnswer($0, at: now) }))
    }

    @Sendable private func create(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let wanted = try await request.json(TokenBody.self).content()
        let (token, secret) = try await tokens.create(wanted, by: context.caller)
        return try .json(
            NewTokenAnswer(token: secret.text, info: TokenAnswer(token, at: token.createdAt)), status: .created)
    }

    @Sendable private func rotate(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.pathParameter("token_id")
        let overlap = try await request.json(RotateTokenBody.self).content()
        guard let old = try await store.tokens(tenant: context.tenant).first(where: { $0.id == id }) else {
            throw StoreError.unknownToken(id)
        }
        let now = audit.clock.now()
        // As long a life as the old one was given.
        let lifetime = old.expiresAt.map { $0.seconds(since: old.createdAt) }
        let token = StoredToken(
            id: TokenAdministration.newID(), tenant: context.tenant, name: old.name, scopes: old.scopes, createdAt: now,
            expiresAt: lifetime.map { now.advanced(bySeconds: $0) })
        let secret = TokenSecret()
        let entry = audit.entry("token.rotate", "\(id) to \(token.id)", by: context.caller)
        try await store.rotate(
            id, to: token, digest: secret.digest, oldEndsAt: now.advanced(bySeconds: overlap), audit: entry)
        audit.tell(entry, context.tenant)
        tokens.directory.forgetAll()
        return try .json(NewTokenAnswer(token: secret.text, info: TokenAnswer(token, at: now)), status: .created)
    }

    @Sendable private func revoke(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.pathParameter("token_id")
        try await tokens.revoke(id, by: context.caller)
        return try .json(OKAnswer())
    }

    @Sendable private func log(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let query = QueryParameters(request)
        let limit = Int(try query.integer("limit", in: 1...1000) ?? Int64(Self.defaultLimit))
        let entries = try await store.auditLog(
            before: query.integer("before", in: 1 ... .max), limit: limit, tenant: context.tenant)
        return try .json(
            AuditAnswer(
                entries: entries.map {
                    .init(number: $0.number, at: $0.at, actor: $0.actor, action: $0.action, subject: $0.subject)
                },
                next: entries.count < limit ? nil : entries.last?.number))
    }

    private static let defaultLimit = 200
}

extension TokenAnswer {
    fileprivate init(_ token: StoredToken, at time: Timestamp) {
        self.init(
            id: token.id, name: token.name, scopes: token.scopes, createdAt: token.createdAt,
            expiresAt: token.expiresAt, revokedAt: token.revokedAt, isValid: token.isValid(at: time))
    }
}
