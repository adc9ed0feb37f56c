import Builds
import Foundation
import Hummingbird

/// `/openapi.json` and, for people, `/docs`.
struct DocsController: Sendable {
    func addRoutes(to router: Router<APIRequestContext>) {
        router.get("/openapi.json", use: openAPI)
        router.get("/docs", use: docs)
    }

    @Sendable private func openAPI(_ request: Request, context: APIRequestContext) async throws -> Response {
        .text(OpenAPIDocument.json, contentType: "application/json")
    }

    @Sendable private func docs(_ request: Request, context: APIRequestContext) async throws -> Response {
        .html(DocsPage(document: try OpenAPIDocument.parsed()).html)
    }
}
