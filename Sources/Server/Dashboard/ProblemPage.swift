import Contract
import Hummingbird

/// An error as a page: what happened, and what to do.
struct ProblemPage: Sendable {
    var problem: Problem

    /// Whether a person waits for the answer.
    static func isWanted(for request: Request) -> Bool {
        let path = request.uri.path
        let isPage =
            path == "/" || path == "/docs" || path.hasPrefix("/docs/") || path == "/ui" || path.hasPrefix("/ui/")
        return isPage && request.headers[.accept]?.contains("text/html") == true
    }

    var page: Page {
        let fields: [HTML] = (problem.errors ?? []).map { "<li><strong>\($0.field)</strong> \($0.message)</li>" }
        return Page(
            title: problem.title,
            body: """
                <h1>\(problem.title)</h1>
                <div class="note bad" role="alert"><p>\(problem.detail)</p>\(fields.isEmpty ? nil : "<ul>\(fields)</ul>" as HTML)</div>
                <p>\(advice)</p>
                """, status: HTTPResponse.Status(code: problem.status))
    }

    private var advice: HTML {
        switch problem.status {
        case 403: "<a class=\"button\" href=\"/ui/sign-in\">Sign in</a> as somebody who may do this."
        case 404: "It may have another name, or belong to another tenant. <a href=\"/ui/pipelines\">All pipelines</a>"
        case 429, 503: "This passes: load the page again in a few seconds. <a href=\"/readyz\">How the server is</a>"
        case 500...: "The server's log says more; its lines name this path. <a href=\"/readyz\">How the server is</a>"
        default: "<a href=\"/\">Overview</a>"
        }
    }
}
