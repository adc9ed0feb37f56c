import Hummingbird

/// Lets requests with a known token through, and says which tenant it speaks for.
struct TokenMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    let tokens: AccessTokens

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let token = Self.token(of: request), let tenant = tokens.tenant(of: token) else {
            throw APIError.forbidden()
        }
        var context = context
        context.tenant = tenant
        return try await next(request, context)
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
