import Hummingbird

/// Headers every answer carries.
struct SecurityHeaders<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    /// Whether the server speaks TLS itself.
    let isSecured: Bool

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        var response = try await base.respond(to: request, context: context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.xFrameOptions] = "DENY"
        // Half a year: browsers that came once over TLS do not come without it.
        if isSecured { response.headers[.strictTransportSecurity] = "max-age=15552000" }
        return response
    }
}

extension Response {
    /// A page without scripts, whose one style sheet is inside it: nothing else may be loaded or framed.
    static func html(_ html: String) -> Response {
        var response = Response.text(html, contentType: "text/html; charset=utf-8")
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        response.headers[.vary] = "Accept"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
