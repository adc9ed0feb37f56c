/// The shared limits, and this process's own while those are away.
///
/// During an outage every server allows the whole limit: with three servers, a token gets up to three times as much. That
/// is better than refusing what would be allowed.
struct RateLimiterWithFallback<Shared: RateLimiter>: RateLimiter {
    let shared: Shared
    let own: InProcessRateLimiter

    func admit(_ token: String, within limit: RateLimit) async -> RateDecision {
        do { return try await shared.admit(token, within: limit) } catch { return own.admit(token, within: limit) }
    }
}
