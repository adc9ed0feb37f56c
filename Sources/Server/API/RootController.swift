import Hummingbird

/// `/`: who answers here. JSON for programs, a small page for browsers.
struct RootController: Sendable {
    let readiness: Readiness

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
        return .html(HomePage(report: await readiness.report()).html)
    }
}
