import Hummingbird
import Logging

/// Turns every error into a problem answer, and a path with another method into 405.
struct ProblemResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    let routes: RouteTable

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        do {
            let response = try await base.respond(to: request, context: context)
            guard response.status == .notFound, context.endpointPath == RouteTable.unmatched else { return response }
            let allowed = routes.methods(at: request.uri.path)
            let problem =
                allowed.isEmpty
                ? APIError.notFound("There is nothing at this path; /docs lists what there is.")
                : APIError.methodNotAllowed(request.method.rawValue, allowed: allowed)
            return problem.response(to: request)
        } catch {
            let answer = APIError(translating: error)
            if answer == nil || (answer?.problem.status ?? 500) >= 500 {
                context.logger.error(
                    "Request failed", error: error, metadata: ["http.route": "\(context.endpointPath ?? "")"])
            }
            return (answer ?? .internalError()).response(to: request)
        }
    }
}

/// The paths the router knows, to tell a wrong method from a wrong path.
struct RouteTable: Sendable {
    /// What Hummingbird calls the route of a request no route matched.
    static let unmatched = "NotFound"

    struct Route: Hashable, Sendable {
        var method: String
        /// `/models/{version}/activate`
        var path: String
    }

    let routes: [Route]

    init(_ router: Router<APIRequestContext>) {
        routes = router.routes.map { route in
            Route(method: route.method.rawValue, path: Self.template(String(describing: route.path)))
        }
    }

    /// Methods some route at `path` takes, sorted.
    func methods(at path: String) -> [String] {
        let segments = path.split(separator: "/")
        let matching = routes.filter { route in
            let pattern = route.path.split(separator: "/")
            return pattern.count == segments.count
                && zip(pattern, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return Set(matching.map(\.method)).sorted()
    }

    /// `/models/:version` and `models/{version}` both become `/models/{version}`.
    static func template(_ path: String) -> String {
        "/"
            + path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }
}
