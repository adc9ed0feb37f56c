import Builds
import Foundation
import Hummingbird

/// Lets people who are signed in through to the pages; others are asked to sign in.
struct SessionMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    let sessions: Sessions

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let session = try await sessions.session(of: request) else {
            guard request.method == .get || request.method == .head else { throw APIError.signedOut() }
            // Back to where they wanted to go, but never to another site: the path is our own.
            let wanted = request.uri.path == "/" ? nil : request.uri.description
            return .redirect(to: Link("/ui/sign-in", ["next": wanted]).text, type: .normal)
        }
        guard session.caller.may(.read) else { throw APIError.forbidden(needs: .read) }
        var context = context
        context.caller = session.caller
        context.session = session
        return try await next(request, context)
    }
}

/// Lets forms through that were filled in on our own pages.
struct FormMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    /// Whether the form carries the word of a session; signing in has none yet.
    let needsFormToken: Bool

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post else { return try await next(request, context) }
        guard Self.isOfThisSite(request) else { throw APIError.foreignForm() }
        guard needsFormToken else { return try await next(request, context) }
        var request = request
        let form = try await FormFields(&request)
        guard let session = context.session, let told = form["form_token"],
            AccessTokens.areEqual(Array(told.utf8), Array(session.formToken.utf8))
        else { throw APIError.foreignForm() }
        return try await next(request, context)
    }

    /// Browsers say where a form comes from. What says nothing is no browser, and has no cookie that it does not know of.
    private static func isOfThisSite(_ request: Request) -> Bool {
        if let site = request.headers[.secFetchSite] { return site == "same-origin" }
        guard let origin = request.headers[.origin] else { return true }
        guard let host = request.head.authority else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)"
    }
}

/// The fields of a form, `application/x-www-form-urlencoded`.
struct FormFields: Sendable {
    /// A form of ours is a few hundred bytes.
    static let mostBytes = 16_384

    private let fields: [(name: String, value: String)]

    /// Reads the body, which `RequestBodyMiddleware` has collected and bounded, and leaves it to be read again.
    init(_ request: inout Request) async throws {
        let buffer = try await request.body.collect(upTo: .max)
        request.body = .init(buffer: buffer)
        self.init(encoded: String(buffer: buffer))
    }

    init(encoded: String) {
        fields = encoded.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The first value of that name; `nil` when it is missing or empty.
    subscript(name: String) -> String? {
        fields.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.replacing("+", with: " ")
        return String(spaced).removingPercentEncoding ?? String(spaced)
    }
}

extension HeaderField.Name {
    static let secFetchSite = named("Sec-Fetch-Site")
    static let clearSiteData = named("Clear-Site-Data")
    static let forwardedProto = named("X-Forwarded-Proto")
}

extension APIError {
    static func signedOut() -> APIError {
        APIError(.forbidden, "Signed out", "The session is over. Sign in again; what the form said was not done.")
    }

    static func foreignForm() -> APIError {
        APIError(
            .forbidden, "Form refused",
            "The form did not come from a page of this session. Load the page again and send it from there.")
    }
}
