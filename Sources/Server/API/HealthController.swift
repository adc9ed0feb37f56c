import Builds
import Hummingbird
import Storage

/// `/healthz`: is the process alive. `/readyz`: can it do its work.
struct HealthController: Sendable {
    let readiness: Readiness
    let clock: WallClock

    func addRoutes(to router: Router<APIRequestContext>) {
        router.get("/healthz", use: health)
        router.get("/readyz", use: ready)
    }

    private struct HealthAnswer: Encodable {
        var status = "ok"
        var version = Version.current
        var timestamp: String
    }

    @Sendable private func health(_ request: Request, context: APIRequestContext) async throws -> Response {
        try .json(HealthAnswer(timestamp: clock.now().rfc3339))
    }

    @Sendable private func ready(_ request: Request, context: APIRequestContext) async throws -> Response {
        let report = await readiness.report()
        var response = try Response.json(report, status: report.isReady ? .ok : .serviceUnavailable)
        if !report.isReady { response.headers[.retryAfter] = "5" }
        return response
    }
}
