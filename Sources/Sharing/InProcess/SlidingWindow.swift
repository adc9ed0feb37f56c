/// Two counters that stand for a window that slides: requests of the current stretch of time, and of the one before.
///
/// The window ends now and covers the current stretch so far and the rest of the one before. How many requests of that
/// one fall into the rest is not known; they are taken as evenly spread:
///
///     used = previous × (1 - share of the current stretch that is over) + current
///
/// For 100 per minute, 80 in the minute before and 30 in the first 15 s of this one: 80 × 0.75 + 30 = 90 used, 10 left.
///
/// *How exact.* Even traffic is counted to within one request. Traffic that came all at the end of the stretch before is counted too
/// low: just under twice the limit can then fall into one window. Traffic that came all at its beginning is counted
/// too high, and a client may have to wait up to one window longer than an exact log would make it. A stretch itself
/// never lets more through than the limit. An exact log would take memory for each request instead of two numbers for
/// each token.
///
/// `RedisRateLimiter` does the same arithmetic inside Redis; a test holds the two together.
struct SlidingWindow: Hashable, Sendable {
    /// Number of the current stretch since the beginning of time.
    private var stretch = 0
    private var current = 0
    private var previous = 0

    /// - Parameter milliseconds: the time now, from any fixed beginning.
    mutating func admit(at milliseconds: Int, within limit: RateLimit) -> RateDecision {
        move(to: milliseconds / limit.windowMilliseconds)
        let window = Double(limit.windowMilliseconds)
        let share = Double(milliseconds % limit.windowMilliseconds) / window
        let used = Double(previous) * (1 - share) + Double(current)
        let left = Double(limit.requests) - used
        // A billionth of a request is what rounding may cost; who waited as long as told must not fail on it.
        if left >= 1 - 1e-9 {
            current += 1
            return .allowed(remaining: Int(max(0, left - 1)))
        }
        return .refused(retryAfterSeconds: (wait(from: share, limit.requests) * window).rounded(.up) / 1000)
    }

    private mutating func move(to newStretch: Int) {
        if newStretch > stretch {
            previous = newStretch == stretch + 1 ? current : 0
            current = 0
        } else if newStretch < stretch {
            // The clock was set back. What it counted is kept, and nothing is known from before.
            previous = 0
        }
        stretch = newStretch
    }

    /// Windows to wait until `used` has room for one more.
    private func wait(from share: Double, _ requests: Int) -> Double {
        let room = Double(requests - 1)
        if current < requests {
            // Later in this stretch: previous × (1 - x) + current = room.
            return 1 - (room - Double(current)) / Double(previous) - share
        }
        // Later in the next one, where `current` is the previous: current × (1 - x) = room.
        return 1 - share + (1 - room / Double(current))
    }
}
