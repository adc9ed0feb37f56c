/// How many requests are allowed in any stretch of time of a given length.
public struct RateLimit: Hashable, Sendable {
    /// 1 to 1,000,000.
    public let requests: Int
    /// 1 to 86,400,000.
    public let windowMilliseconds: Int

    /// Values out of range count as the nearer bound.
    public init(requests: Int, windowSeconds: Double) {
        self.requests = min(max(requests, 1), 1_000_000)
        windowMilliseconds = windowSeconds >= 0.001 ? Int(min(windowSeconds, 86_400) * 1000) : 1
    }
}
