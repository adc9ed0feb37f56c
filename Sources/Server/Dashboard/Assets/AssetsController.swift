import Hummingbird

/// `/assets/{name}`: style sheet, scripts and icon, from the program itself.
struct AssetsController: Sendable {
    func addRoutes(to router: Router<APIRequestContext>) { router.get("/assets/:name", use: show) }

    @Sendable private func show(_ request: Request, context: APIRequestContext) async throws -> Response {
        let name = try context.pathParameter("name")
        guard let file = EmbeddedFile.asset(name) else { throw APIError.notFound("There is no asset “\(name)”.") }
        let tag = "\"\(file.digest)\""
        var response: Response
        if request.headers[.ifNoneMatch] == tag {
            response = Response(status: .notModified)
        } else {
            response = Response(
                status: .ok, headers: [.contentType: file.contentType], body: .init(byteBuffer: file.bytes))
        }
        response.headers[.eTag] = tag
        // The digest is part of the address that pages use, so what is kept never grows old. Other addresses are asked again.
        response.headers[.cacheControl] =
            QueryParameters(request).text("v") == file.digest ? "public, max-age=31536000, immutable" : "no-cache"
        return response
    }
}
