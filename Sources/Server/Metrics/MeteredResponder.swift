import Hummingbird

/// Counts every request by the route it matched, and logs those that failed here.
struct MeteredResponder<Base: HTTPResponder>: HTTPResponder where Base.Context == APIRequestContext {
    let base: Base
    let metrics: ServerMetrics

    func respond(to request: Request, context: APIRequestContext) async throws -> Response {
        let clock = ContinuousClock()
        let began = clock.now
        metrics.requestBegan()
        let response: Response
        do {
            response = try await base.respond(to: request, context: context)
        } catch {
            response = APIError.internalError().response
            context.logger.error("Request failed", error: error)
        }
        let seconds = began.duration(to: clock.now) / .seconds(1)
        let matched = context.endpointPath.map { $0 == RouteTable.unmatched ? "unmatched" : RouteTable.template($0) }
        let route = matched ?? "unmatched"
        metrics.requestEnded(
            route: route, method: Self.method(request.method.rawValue), status: response.status.code, seconds: seconds,
            isReport: request.method == .post && Self.isReport(route))
        context.logger.debug(
            "Request was answered",
            metadata: [
                "http.method": "\(request.method.rawValue)", "http.route": "\(route)",
                "http.status": "\(response.status.code)", "duration.seconds": "\(seconds)",
            ])
        return response
    }

    /// Clients may invent methods without end; a label must not.
    private static func method(_ method: String) -> String {
        ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].contains(method) ? method : "other"
    }

    /// Where builds are reported.
    private static func isReport(_ route: String) -> Bool {
        route.hasPrefix("/builds/") || route == "/runs" || route == "/batch"
    }
}
