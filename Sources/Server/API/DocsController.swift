import Builds
import Hummingbird

/// `/openapi.json` and, for people, `/docs`: the API reference, the guides, a search through both.
struct DocsController: Sendable {
    let sessions: Sessions
    let isSecured: Bool
    private let reference: APIReference?
    private let index: DocsIndex?

    init(sessions: Sessions, isSecured: Bool) {
        self.sessions = sessions
        self.isSecured = isSecured
        reference = (try? OpenAPIDocument.parsed()).map(APIReference.init)
        index = reference.map { DocsIndex(guides: Guide.all, reference: $0) }
    }

    func addRoutes(to router: Router<APIRequestContext>) {
        router.get("/openapi.json", use: openAPI)
        router.get("/docs", use: docs)
        router.get("/docs/search", use: search)
        router.get("/docs/:guide", use: guide)
    }

    @Sendable private func openAPI(_ request: Request, context: APIRequestContext) async throws -> Response {
        .text(OpenAPIDocument.json, contentType: "application/json")
    }

    @Sendable private func docs(_ request: Request, context: APIRequestContext) async throws -> Response {
        guard let reference else { throw APIError.internalError() }
        let session = try? await sessions.session(of: request)
        let scheme = isSecured || request.headers[.forwardedProto]?.lowercased() == "https" ? "https" : "http"
        let contents: [HTML] = reference.tags.map { tag in
            let own: [HTML] = reference.operations.filter { $0.tag == tag.name }.map {
                "<li><a href=\"#\($0.id)\">\($0.method) \($0.path)</a></li>"
            }
            return "<li><a href=\"#tag-\(Markdown.anchor(tag.name))\">\(tag.name)</a><ul>\(own)</ul></li>"
        }
        return page(
            "API reference", current: nil, contents: "<ul>\(contents)<li><a href=\"#schemas\">Schemas</a></li></ul>",
            body: reference.html(
                server: "\(scheme)://\(request.head.authority ?? "127.0.0.1:8080")", mayTry: session != nil),
            session: session, request, scripts: ["docs.js"])
    }

    @Sendable private func guide(_ request: Request, context: APIRequestContext) async throws -> Response {
        let name = try context.pathParameter("guide")
        guard let guide = Guide.named(name) else {
            throw APIError.notFound("There is no guide “\(name)”; /docs lists them.")
        }
        let contents: [HTML] = guide.markdown.headings.filter { $0.level == 2 }.map {
            "<li><a href=\"#\($0.anchor)\">\($0.text)</a></li>"
        }
        return page(
            guide.title, current: guide.name, contents: contents.isEmpty ? nil : "<ul>\(contents)</ul>",
            body: "<article>\(guide.markdown.html)</article>", session: try? await sessions.session(of: request),
            request)
    }

    @Sendable private func search(_ request: Request, context: APIRequestContext) async throws -> Response {
        let query = QueryParameters(request).text("q") ?? ""
        let hits = index?.search(query) ?? []
        let items: [HTML] = hits.map { hit in
            """
            <li><a href="\(hit.entry.address)"><strong>\(hit.entry.title)</strong></a> <span class="quiet">\(hit.entry.place)</span>
            <p>\(hit.excerpt.before)\(hit.excerpt.found.isEmpty ? nil : "<mark>\(hit.excerpt.found)</mark>" as HTML)\(hit.excerpt.after)</p></li>
            """
        }
        let body: HTML = """
            <h1>Search</h1>
            <p role="status">\(query.isEmpty ? "Type what you look for." : "\(Figures.count(Int64(hits.count), "place")) for “\(query)”.")</p>
            \(hits.isEmpty && !query.isEmpty
                ? "<p>Fewer or shorter words find more. Decision notes and manifests are in the source tree, under <code>docs/</code> and <code>deploy/</code>.</p>" as HTML
                : "<ul class=\"plain\">\(items)</ul>" as HTML)
            """
        return page(
            "Search", current: nil, contents: nil, body: body, session: try? await sessions.session(of: request),
            request,
            query: query)
    }

    private func page(
        _ title: String, current: String?, contents: HTML?, body: HTML, session: Session?, _ request: Request,
        scripts: [String] = [], query: String = ""
    ) -> Response {
        let guides: [HTML] = Guide.all.map { guide in
            let mark: HTML? = guide.name == current ? " aria-current=\"page\"" : nil
            return "<li><a href=\"/docs/\(guide.name)\"\(mark)>\(guide.title)</a></li>"
        }
        return Page(
            title: title, section: .docs,
            body: """
                <div class="docs"><nav aria-label="Documentation">
                <form method="get" action="/docs/search" role="search"><label for="q">Search</label>
                <input id="q" name="q" type="search" value="\(query)"> <button class="secondary small">Find</button></form>
                <h2>Guides</h2><ul>\(guides)</ul><h2>Reference</h2><ul><li><a href="/docs">API reference</a></li></ul>
                \(contents.map { "<h2>On this page</h2>\($0)" as HTML })</nav>
                <div>\(body)</div></div>
                """, scripts: scripts, session: session
        ).response(to: request)
    }
}
