/// Counts requests by token over all servers, so that one client cannot take what others need.
///
/// The window slides: see ``SlidingWindow`` for how, and how exact that is.
public protocol RateLimiter<Failure>: Sendable {
    /// `Never` where nothing can go wrong: what a server holds.
    associatedtype Failure: Error

    /// Decides on one request, and counts it when it is allowed. A refused request counts nothing: who keeps trying is
    /// let in as soon as who waits.
    ///
    /// - Parameter token: the ID of an access token, never its secret: it is sent to Redis.
    func admit(_ token: String, within limit: RateLimit) async throws(Failure) -> RateDecision
}
