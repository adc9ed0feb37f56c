import Synchronization

/// Limits in this process's memory, for a server that is alone or cut off.
final class InProcessRateLimiter: RateLimiter {
    private struct Subject: Hashable {
        var token: String
        /// Another length is another count.
        var windowMilliseconds: Int
    }

    private let windows: Mutex<RecentEntries<Subject, SlidingWindow>>
    private let began: ContinuousClock.Instant
    private let now: MonotonicTime

    /// - Parameter tokens: how many are remembered, some hundred bytes each; those used last stay.
    init(tokens: Int = 100_000, now: @escaping MonotonicTime = { .now }) {
        windows = Mutex(RecentEntries(capacity: tokens))
        began = now()
        self.now = now
    }

    func admit(_ token: String, within limit: RateLimit) -> RateDecision {
        let milliseconds = began.duration(to: now()).milliseconds
        let subject = Subject(token: token, windowMilliseconds: limit.windowMilliseconds)
        return windows.withLock { windows in
            var window = windows.value(for: subject) ?? SlidingWindow()
            let decision = window.admit(at: milliseconds, within: limit)
            windows.set(window, for: subject, weight: 1)
            return decision
        }
    }
}
