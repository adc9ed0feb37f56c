import Builds

/// When the weekly digest is due: a day of the week and an hour, UTC.
public struct DigestSchedule: Hashable, Sendable {
    public static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// Monday 0 to Sunday 6.
    public var weekday: Int
    /// 0 to 23.
    public var hour: Int

    private static let day: Int64 = 86_400_000_000

    public init(weekday: Int = 0, hour: Int = 8) {
        self.weekday = weekday
        self.hour = hour
    }

    /// - Parameter text: `monday 8`, `friday 17`.
    public init?(_ text: String) {
        let words = text.lowercased().split(separator: " ")
        guard words.count == 2, let weekday = Self.weekdays.firstIndex(of: String(words[0])), let hour = Int(words[1]),
            (0...23).contains(hour)
        else { return nil }
        self.init(weekday: weekday, hour: hour)
    }

    /// The newest time it was due, at or before `now`: what names a week.
    public func latest(before now: Timestamp) -> Timestamp {
        // 1970-01-01 was a Thursday: the first Monday is day 4.
        let first = Int64(4 + weekday) * Self.day + Int64(hour) * 3_600_000_000
        let week = 7 * Self.day
        let since = now.microseconds - first
        let weeks = since >= 0 ? since / week : -((-since + week - 1) / week)
        return Timestamp(microseconds: first + weeks * week)
    }
}
