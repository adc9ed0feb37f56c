import Builds

extension DeliveryState {
    /// What became of a message that was heard of.
    public enum Taken: Hashable, Sendable {
        /// It will be told.
        case waits
        /// What says the same was told a moment ago, or waits: it is counted.
        case counted
        /// The same thing, told again: nothing changed.
        case known
        /// Older than anybody wants to know.
        case stale
    }

    /// Hears of a message.
    public mutating func take(_ message: Message, at now: Timestamp, policy: DeliveryPolicy) -> Taken {
        if now.seconds(since: message.at) > policy.longestAgeSeconds { return .stale }
        let key = message.key
        var entry = told[key] ?? Told(heardAt: now)
        if entry.occurrences.contains(message.occurrence) { return .known }
        entry.occurrences = (entry.occurrences + [message.occurrence]).suffix(Self.occurrenceCapacity)
        entry.heardAt = now
        defer {
            told[key] = entry
            forgetOldest()
        }
        if let place = pending.firstIndex(where: { $0.message.key == key }) {
            // The first may be on its way: it must be known again when it comes back.
            if lease != nil && place == 0 {
                entry.held = message.standing(for: entry.held)
            } else {
                pending[place].message = message.standing(for: pending[place].message)
            }
            return .counted
        }
        if let at = entry.at, now.seconds(since: at) < policy.repeatSeconds {
            entry.held = message.standing(for: entry.held)
            return .counted
        }
        // What was held waited for this moment as well as for the end of its time.
        pending.append(Pending(message: message.standing(for: entry.held), since: now))
        entry.held = nil
        return .waits
    }

    /// Notes that the digest due at `dueAt` was made; once for each time, whoever comes first.
    ///
    /// - Parameters:
    ///   - message: `nil` when there was nothing to say.
    ///   - lesson: the newest lesson in it.
    /// - Returns: whether it was not made before.
    public mutating func takeDigest(
        _ message: Message?, dueAt: Timestamp, lesson: Int64, at now: Timestamp
    ) -> Bool {
        guard dueAt > digestedAt else { return false }
        digestedAt = dueAt
        digestedLesson = lesson
        if let message { pending.append(Pending(message: message, since: now)) }
        return true
    }

    private mutating func forgetOldest() {
        while told.count > Self.toldCapacity,
            let oldest = told.min(by: { ($0.value.heardAt, $0.key) < ($1.value.heardAt, $1.key) })
        {
            told[oldest.key] = nil
        }
    }
}
