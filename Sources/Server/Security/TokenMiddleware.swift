import Builds
import Hummingbird

/// Lets requests with a known token through, and says who sends them.
///
/// People who are signed in to the dashboard may read from its pages as well: only `GET`, which changes nothing, and only
/// from pages of this server, so that the cookie gives no other site anything.
struct TokenMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    let tokens: TokenDirectory
    let sessions: Sessions

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let caller = try await caller(of: request) else { throw APIError.forbidden() }
        var context = context
        context.caller = caller
        return try await next(request, context)
    }

    private func caller(of request: Request) async throws -> Caller? {
        if let token = Self.token(of: request) { return try await tokens.caller(presenting: token) }
        guard request.method == .get || request.method == .head, request.headers[.secFetchSite] == "same-origin" else {
            return nil
        }
        return try await sessions.session(of: request)?.caller
    }

    /// `X-IM-Token`, else a bearer token: that is what scrapers of `/metrics` can send.
    private static func token(of request: Request) -> String? {
        if let token = request.headers[.inframindToken] { return token }
        guard let authorization = request.headers[.authorization], authorization.hasPrefix("Bearer ") else {
            return nil
        }
        return String(authorization.dropFirst("Bearer ".count))
    }
}

/// Lets requests through whose token may do what lies behind.
struct ScopeMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    let needed: TokenScope

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let caller = context.caller else { throw APIError.forbidden() }
        guard caller.may(needed) else {
            if let person = context.session?.person { throw APIError.forbidden(person: person, needs: needed) }
            throw APIError.forbidden(needs: needed)
        }
        return try await next(request, context)
    }
}
