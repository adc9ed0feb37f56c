import Hummingbird
import Sharing

/// Lets as many requests of a token through as it may send.
struct RateLimitMiddleware: RouterMiddleware {
    typealias Context = APIRequestContext

    /// Bursts within it are fine.
    static let windowSeconds = 10.0

    let limiter: any RateLimiter<Never>
    let limit: RateLimit

    /// - Parameter perSecond: requests of one token, on average over ``windowSeconds``.
    init(limiter: any RateLimiter<Never>, perSecond: Int) {
        self.limiter = limiter
        limit = RateLimit(requests: Int(Double(perSecond) * Self.windowSeconds), windowSeconds: Self.windowSeconds)
    }

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let caller = context.caller else { throw APIError.forbidden() }
        // Never the secret: the limiter's keys are in Redis, in the clear.
        switch await limiter.admit("\(caller.tenant):\(caller.actor)", within: limit) {
        case .allowed: return try await next(request, context)
        case .refused(let seconds): throw APIError.tooManyRequests(retryAfterSeconds: max(1, Int(seconds.rounded(.up))))
        }
    }
}
