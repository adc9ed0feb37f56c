import Hummingbird

/// `/`: who answers here. JSON for programs, the overview of the dashboard for browsers.
struct RootController: Sendable {
    let sessions: Sessions
    let signIn: SignInController
    let overview: @Sendable (Request, PageContext) async throws -> Response

    func addRoutes(to router: Router<APIRequestContext>) {
        router.get("/", use: root)
    }

    private struct RootAnswer: Encodable {
        var service = "InfraMind API"
        var version = Version.current
        var docs = "/docs"
    }

    @Sendable private func root(_ request: Request, context: APIRequestContext) async throws -> Response {
        guard request.headers[.accept]?.contains("text/html") == true else {
            var response = try Response.json(RootAnswer())
            response.headers[.vary] = "Accept"
            return response
        }
        guard try await sessions.session(of: request) != nil else { return signIn.invitation(to: request) }
        return try await SessionMiddleware(sessions: sessions).handle(request, context: context) { request, context in
            try await overview(request, PageContext(context: context))
        }
    }
}
