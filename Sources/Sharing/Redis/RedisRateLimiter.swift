/// Limits that servers share.
final class RedisRateLimiter: RateLimiter {
    private let client: RedisClient
    private let keyPrefix: String
    private let now: (@Sendable () -> Int)?

    /// - Parameter now: milliseconds from any fixed beginning; `nil` for Redis' own clock, on which all servers agree
    ///   whatever theirs say.
    init(_ client: RedisClient, keyPrefix: String, now: (@Sendable () -> Int)? = nil) {
        self.client = client
        self.keyPrefix = keyPrefix + ":rate:"
        self.now = now
    }

    func admit(_ token: String, within limit: RateLimit) async throws(RedisFailure) -> RateDecision {
        // Another length is another count.
        let key = "\(keyPrefix)\(limit.windowMilliseconds):\(token)"
        let arguments = [limit.requests, limit.windowMilliseconds, now?() ?? -1]
        let command = Self.script.command(keys: [key], arguments.map(RedisCommand.Argument.integer))
        let reply = try await client.send(command).list?.compactMap(\.integer)
        switch (reply?.first, reply?.last) {
        case (1, let remaining?): return .allowed(remaining: remaining)
        case (0, let milliseconds?): return .refused(retryAfterSeconds: Double(milliseconds) / 1000)
        default: throw .unexpectedReply
        }
    }

    /// ``SlidingWindow``, which says why, step by step. The key lives until both stretches are over.
    private static let script = RedisScript(
        text: """
            local requests, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            if now < 0 then
              local time = redis.call('TIME')
              now = time[1] * 1000 + math.floor(time[2] / 1000)
            end
            local newStretch = math.floor(now / window)
            local share = (now % window) / window
            local kept = redis.call('HMGET', KEYS[1], 'stretch', 'current', 'previous')
            local stretch = tonumber(kept[1]) or 0
            local current, previous = tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
            if newStretch > stretch then
              previous = newStretch == stretch + 1 and current or 0
              current = 0
            elseif newStretch < stretch then
              previous = 0
            end
            local left = requests - (previous * (1 - share) + current)
            local decision
            if left >= 1 - 1e-9 then
              current = current + 1
              decision = {1, math.floor(math.max(0, left - 1))}
            else
              local room, wait = requests - 1, 0
              if current < requests then
                wait = 1 - (room - current) / previous - share
              else
                wait = 1 - share + (1 - room / current)
              end
              decision = {0, math.ceil(wait * window)}
            end
            redis.call('HSET', KEYS[1], 'stretch', newStretch, 'current', current, 'previous', previous)
            redis.call('PEXPIRE', KEYS[1], 2 * window)
            return decision
            """)
}
