import Hummingbird

/// Headers every answer carries.
struct SecurityHeaders<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    /// Whether the server speaks TLS itself.
    let isSecured: Bool

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        var response = try await base.respond(to: request, context: context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "same-origin"
        response.headers[.xFrameOptions] = "DENY"
        // Half a year: browsers that came once over TLS do not come without it.
        if isSecured { response.headers[.strictTransportSecurity] = "max-age=15552000" }
        return response
    }
}
