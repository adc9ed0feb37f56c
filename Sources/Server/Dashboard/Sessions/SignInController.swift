import Builds
import Foundation
import Hummingbird
import Logging
import Sharing

/// `/ui/sign-in` and `/ui/sign-out`.
struct SignInController: Sendable {
    /// Tries of one address; a person needs two or three, and 256 random bits are not guessed by ten a minute.
    private static let tries = RateLimit(requests: 10, windowSeconds: 60)

    let sessions: Sessions
    let limiter: any RateLimiter<Never>
    let isSecured: Bool
    /// Shown where everybody knows it anyway: in development on loopback.
    let developmentKey: String?
    /// What people call the issuer they can sign in with as well; `nil`: there is none.
    let issuerName: String?
    let logger: Logger

    func show(_ request: Request, context: APIRequestContext) async throws -> Response {
        let query = QueryParameters(request)
        let next = Self.own(query.text("next"))
        if let session = try await sessions.session(of: request), session.caller.may(.read) {
            return .redirect(to: next ?? "/", type: .normal)
        }
        return page(next: next, complaint: nil).response(to: request)
    }

    /// What is at `/` for who is not signed in.
    func invitation(to request: Request) -> Response { page(next: nil, complaint: nil).response(to: request) }

    func signIn(_ request: Request, context: APIRequestContext) async throws -> Response {
        let address = context.channel.remoteAddress?.ipAddress ?? "unknown"
        if case .refused(let seconds) = await limiter.admit("sign-in:\(address)", within: Self.tries) {
            throw APIError.tooManyRequests(retryAfterSeconds: max(1, Int(seconds.rounded(.up))))
        }
        var request = request
        let form = try await FormFields(&request)
        let next = Self.own(form["next"])
        guard let token = form["token"]?.trimmingCharacters(in: .whitespacesAndNewlines),
            let (session, cookie) = try await sessions.begin(presenting: token)
        else {
            logger.notice("Sign-in was refused", metadata: ["net.peer.address": "\(address)"])
            return refusal(
                next: next, "This token is not known here. It may have expired or been revoked.", to: request)
        }
        guard session.caller.may(.read) else {
            return refusal(
                next: next,
                "This token may report builds but not look at them: the dashboard takes one with the scope “read”.",
                to: request)
        }
        var response = Response.redirect(to: next ?? "/", type: .normal)
        response.setCookie(Sessions.cookie(cookie, isSecured: isSecured(request)))
        return response
    }

    /// The page again, and why it did not work.
    func refusal(
        next: String?, _ complaint: HTML, status: HTTPResponse.Status = .forbidden, to request: Request
    ) -> Response {
        var refused = page(next: next, complaint: complaint)
        refused.status = status
        return refused.response(to: request)
    }

    func signOut(_ request: Request, context: APIRequestContext) async throws -> Response {
        var response = Response.redirect(to: "/ui/sign-in", type: .normal)
        response.setCookie(Sessions.cookie(nil, isSecured: isSecured(request)))
        // Pages that were looked at do not come back with the browser's back button.
        response.headers[.clearSiteData] = "\"cache\""
        return response
    }

    /// A proxy that ends TLS says so. Who lies about it only harms their own cookie.
    func isSecured(_ request: Request) -> Bool {
        isSecured || request.headers[.forwardedProto]?.lowercased() == "https"
    }

    /// A place on this server; `nil` for anything that could lead elsewhere.
    static func own(_ place: String?) -> String? {
        guard let place, place.utf8.count < 2000, place.hasPrefix("/"), !place.hasPrefix("//"),
            place.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return place
    }

    private func page(next: String?, complaint: HTML?) -> Page {
        let keep: HTML? = next.map { "<input type=\"hidden\" name=\"next\" value=\"\($0)\">" }
        let development: HTML? = developmentKey.map { key in
            """
            <form method="post" action="/ui/sign-in" class="panel">\(keep)<input type="hidden" name="token" value="\(key)">
            <h2>On your own machine</h2>
            <p>This server listens on loopback in development, with the key that everybody knows.</p>
            <p><button>Sign in with the development key</button></p></form>
            """
        }
        let issuer: HTML? = issuerName.map { name in
            """
            <section class="panel"><h2>With your own account</h2>
            <p>You come back here once \(name) has told who you are.</p>
            <p><a class="button" href="\(Link("/ui/sign-in/oidc", ["next": next]).text)">Sign in with \(name)</a></p></section>
            """
        }
        return Page(
            title: "Sign in",
            body: """
                <h1>Sign in</h1>
                <p class="lead">InfraMind watches CI builds, learns what each one needs, sizes the next one, and says why.</p>
                \(complaint.map { "<div class=\"note bad\" role=\"alert\"><p>\($0)</p></div>" as HTML })
                \(development)\(issuer)
                <form method="post" action="/ui/sign-in" class="panel">\(keep)
                <h2>With a token</h2>
                <div class="fields"><label for="token">Token
                <small>One with the scope “read”. It is not kept: the session ends after 12 hours or when the token does.</small>
                <input id="token" name="token" type="password" autocomplete="current-password" required size="44"></label>
                <button>Sign in</button></div>
                </form>
                <p class="quiet">No token yet? Whoever runs this server makes one:
                <code>inframind token create --name me --scope read</code>. See <a href="/docs/operations">Operating</a>.</p>
                \(next.map { "<p class=\"quiet\">Came from another site while signed in? <a href=\"\($0)\">Go on to the page</a></p>" as HTML })
                """)
    }
}
