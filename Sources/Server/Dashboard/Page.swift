import Crypto
import Foundation
import Hummingbird

/// A whole page: the frame that all of them share, around a body.
struct Page: Sendable {
    var title: String
    var section: Section?
    var body: HTML
    /// Scripts it gets better with; it works without.
    var scripts: [String] = []
    /// Who looks at it; `nil` for nobody who is known.
    var session: Session?
    /// How far learning has come, for pages that change with it.
    var position: Int64?
    var status = HTTPResponse.Status.ok
    /// Where the browser goes by itself, at once.
    var next: String?

    /// What the navigation names.
    enum Section: String, CaseIterable, Sendable {
        case overview = "Overview"
        case pipelines = "Pipelines"
        case oom = "OOM kills"
        case whatIf = "What if"
        case cost = "Cost"
        case models = "Models"
        case events = "Events"
        case settings = "Settings"
        case docs = "Docs"

        var path: String {
            switch self {
            case .overview: "/"
            case .pipelines: "/ui/pipelines"
            case .oom: "/ui/oom"
            case .whatIf: "/ui/what-if"
            case .cost: "/ui/cost"
            case .models: "/ui/models"
            case .events: "/ui/events"
            case .settings: "/ui/settings"
            case .docs: "/docs"
            }
        }
    }

    var html: HTML {
        let scripts: [HTML] = (scripts + (position == nil ? [] : ["live.js"])).map {
            "<script type=\"module\" src=\"\(EmbeddedFile.address($0))\"></script>\n"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">\(next.map { "\n<meta http-equiv=\"refresh\" content=\"0; url=\($0)\">" as HTML })
            <title>\(title) · InfraMind</title>
            <link rel="stylesheet" href="\(EmbeddedFile.address("app.css"))">
            <link rel="icon" type="image/svg+xml" href="\(EmbeddedFile.address("icon.svg"))">
            \(scripts)</head>
            <body>
            <a class="skip" href="#main">Skip to the content</a>
            <header class="top"><div>
            <a class="brand" href="/"><img src="\(EmbeddedFile.address("icon.svg"))" alt="" width="26" height="26">InfraMind</a>
            \(navigation)
            \(who)
            </div></header>
            <main id="main" tabindex="-1">
            \(body)
            \(news)
            </main>
            <footer>InfraMind \(Version.current) · Times are UTC, memory is GiB (1024³ bytes), money is US dollars.</footer>
            </body>
            </html>

            """
    }

    private var navigation: HTML {
        let shown = session == nil ? [Section.docs] : Section.allCases
        let items: [HTML] = shown.map { entry in
            let current: HTML? = entry == section ? " aria-current=\"page\"" : nil
            return "<li><a href=\"\(entry.path)\"\(current)>\(entry.rawValue)</a></li>"
        }
        return "<nav class=\"main\" aria-label=\"Main\"><ul>\(items)</ul></nav>"
    }

    private var who: HTML {
        guard let session else { return "<div class=\"who\"><a href=\"/ui/sign-in\">Sign in</a></div>" }
        return """
            <div class="who"><span>\(session.person.map { "\($0), " as HTML })\(session.caller.tenant.rawValue)</span>
            <form method="post" action="/ui/sign-out">\(session.formField)<button class="secondary small">Sign out</button></form></div>
            """
    }

    private var news: HTML? {
        guard let position else { return nil }
        return """
            <div id="news" class="news" role="status" hidden data-position="\(position)">
            <span>New runs were learned.</span> <button class="small" type="button">Show</button></div>
            """
    }
}

extension Session {
    /// What every form of this session carries.
    var formField: HTML { "<input type=\"hidden\" name=\"form_token\" value=\"\(formToken)\">" }
}

extension Page {
    /// The page, or 304 when the browser has it already. Pages are private, and asked for again each time.
    func response(to request: Request) -> Response {
        let text = html.text
        let tag = "\"\(EmbeddedFile.digest(of: Data(text.utf8)))\""
        var response: Response
        if status == .ok, request.headers[.ifNoneMatch] == tag {
            response = Response(status: .notModified)
        } else {
            response = .text(text, contentType: "text/html; charset=utf-8")
            response.status = status
        }
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        response.headers[.vary] = "Accept, Cookie"
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        return response
    }

    /// Styles, scripts and pictures come from here and from nowhere else; nothing is written into a page that could run.
    static let contentSecurityPolicy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")
}
