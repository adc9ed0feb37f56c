import Builds
import Contract
import Hummingbird

/// An error with the answer it leads to.
struct APIError: Error {
    var problem: Problem
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ title: String, _ detail: String, errors: [FieldError]? = nil) {
        problem = Problem(status: status.code, title: title, detail: detail, errors: errors)
    }

    private func with(_ name: HeaderField.Name, _ value: String) -> APIError {
        var error = self
        error.headers[name] = value
        return error
    }
}

extension APIError {
    static func malformed(_ detail: String) -> APIError { APIError(.badRequest, "Malformed request", detail) }

    static func forbidden() -> APIError {
        APIError(.forbidden, "Forbidden", "The header X-IM-Token is missing or its token is not known here.")
    }

    static func forbidden(needs scope: TokenScope) -> APIError {
        APIError(
            .forbidden, "Forbidden", "This token may not do that; it takes one with the scope '\(scope.rawValue)'.")
    }

    /// The same to somebody who is signed in without a token.
    static func forbidden(person: String, needs scope: TokenScope) -> APIError {
        APIError(
            .forbidden, "Forbidden",
            "As \(person) you may not do that; it takes a group that has the scope '\(scope.rawValue)' here.")
    }

    static func notFound(_ detail: String) -> APIError { APIError(.notFound, "Not found", detail) }

    static func methodNotAllowed(_ method: String, allowed: [String]) -> APIError {
        let list = allowed.joined(separator: ", ")
        return APIError(.methodNotAllowed, "Method not allowed", "\(method) is not possible here; use \(list).")
            .with(.allow, list)
    }

    static func bodyTooSlow() -> APIError {
        APIError(.requestTimeout, "Request timeout", "The body did not arrive in time.")
    }

    static func conflict(_ detail: String) -> APIError { APIError(.conflict, "Conflict", detail) }

    static func tooLarge(limit: Int) -> APIError {
        APIError(.contentTooLarge, "Body too large", "The body must be at most \(limit) bytes.")
    }

    static func invalid(_ errors: [FieldError]) -> APIError {
        let first = errors.first.map { "\($0.field) \($0.message)." } ?? ""
        let more = errors.count > 1 ? " See errors for all \(errors.count)." : ""
        return APIError(.unprocessableContent, "Invalid body", first + more, errors: errors)
    }

    static func tooManyRequests(retryAfterSeconds: Int) -> APIError {
        APIError(
            .tooManyRequests, "Too many requests",
            "This token has sent as many requests as it may. Try again in \(retryAfterSeconds) s."
        ).with(.retryAfter, String(retryAfterSeconds))
    }

    static func internalError() -> APIError {
        APIError(.internalServerError, "Internal error", "The server failed; its log says more.")
    }

    static func unavailable(_ detail: String, retryAfterSeconds: Int = 5) -> APIError {
        APIError(.serviceUnavailable, "Service unavailable", detail).with(.retryAfter, String(retryAfterSeconds))
    }
}

extension APIError {
    /// The answer: a page where a person waits for one, else `application/problem+json`.
    func response(to request: Request) -> Response {
        guard ProblemPage.isWanted(for: request) else { return response }
        var page = ProblemPage(problem: problem).page.response(to: request)
        for field in headers { page.headers[field.name] = field.value }
        return page
    }

    /// The answer as `application/problem+json`.
    var response: Response {
        let body = JSONText.string(problem)
        var response = Response.text(body, contentType: "application/problem+json")
        response.status = HTTPResponse.Status(code: problem.status)
        response.headers[.cacheControl] = "no-store"
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}
