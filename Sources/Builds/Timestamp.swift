/// A point in time: microseconds since 1970-01-01T00:00:00Z, ignoring leap seconds, as POSIX does.
///
/// Foundation's `Date` would pull Foundation into the agent; this needs nothing.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Microseconds since the epoch.
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// - Parameter seconds: seconds since the epoch, in ±9.2 × 10¹².
    public init(seconds: Double) { microseconds = Int64((seconds * 1e6).rounded()) }

    /// Seconds since the epoch.
    public var seconds: Double { Double(microseconds) / 1e6 }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// Seconds from `earlier` to this point; negative when `earlier` is later.
    public func seconds(since earlier: Timestamp) -> Double {
        Double(microseconds - earlier.microseconds) / 1e6
    }

    /// The point `seconds` later.
    public func advanced(bySeconds seconds: Double) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64((seconds * 1e6).rounded()))
    }

    public init(from decoder: any Decoder) throws {
        microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }
}

extension Timestamp {
    /// Parses RFC 3339: `2026-03-01T12:30:00Z`, `2026-03-01T12:30:00.123456+02:00`; a space or `t` may stand for `T`. A
    /// missing offset is read as UTC, as older clients send `datetime.isoformat()` of a naive UTC time.
    ///
    /// Years 1970 to 9999. Returns `nil` for anything else.
    public init?(rfc3339 text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard reader.bytes.count <= 40,
            let year = reader.digits(4), reader.skip(0x2D), let month = reader.digits(2), reader.skip(0x2D),
            let day = reader.digits(2), reader.skipAny([0x54, 0x74, 0x20]),
            let hour = reader.digits(2), reader.skip(0x3A), let minute = reader.digits(2), reader.skip(0x3A),
            let second = reader.digits(2)
        else { return nil }
        guard (1970...9999).contains(year), (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if reader.skip(0x2E) {
            guard let value = reader.fractionInMicroseconds() else { return nil }
            fraction = value
        }
        guard let offsetMinutes = reader.offsetInMinutes(), reader.isAtEnd else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + min(second, 59) - offsetMinutes * 60)
        microseconds = seconds * 1_000_000 + fraction
    }

    /// This point in UTC with microseconds, `2026-03-01T12:30:00.000000Z`; the fraction is left out when it is zero.
    public var rfc3339: String {
        let (wholeSeconds, fraction) = microseconds.floorDivided(by: 1_000_000)
        let (days, secondOfDay) = wholeSeconds.floorDivided(by: 86_400)
        let (year, month, day) = Self.civil(daysSinceEpoch: Int(days))
        let hour = secondOfDay / 3600
        let minute = secondOfDay / 60 % 60
        let date = "\(padded(Int64(year), 4))-\(padded(Int64(month), 2))-\(padded(Int64(day), 2))"
        let time = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(secondOfDay % 60, 2))"
        return fraction == 0 ? "\(date)T\(time)Z" : "\(date)T\(time).\(padded(fraction, 6))Z"
    }

    /// Hour of the day in UTC, 0 to 23.
    public var hourOfDay: Int {
        Int(microseconds.floorDivided(by: 1_000_000).quotient.floorDivided(by: 86_400).remainder / 3600)
    }

    /// Day of the week in UTC, Monday 0 to Sunday 6.
    public var dayOfWeek: Int {
        let days = microseconds.floorDivided(by: 86_400_000_000).quotient
        return Int((days + 3).floorDivided(by: 7).remainder)  // 1970-01-01 was a Thursday
    }

    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years that begin in March.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let z = daysSinceEpoch + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
    /// Division rounding towards minus infinity, so that times before 1970 keep a positive remainder.
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Reads fixed-width fields from ASCII bytes.
private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func skipAny(_ choices: [UInt8]) -> Bool {
        choices.contains { skip($0) }
    }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += count
        return value
    }

    /// One or more digits after the point; digits beyond the sixth are dropped.
    mutating func fractionInMicroseconds() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if count < 6 { value = value * 10 + Int64(bytes[position] - 0x30) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 6) { value *= 10 }
        return value
    }

    mutating func offsetInMinutes() -> Int? {
        if isAtEnd || skip(0x5A) || skip(0x7A) { return 0 }
        let sign = skip(0x2B) ? 1 : skip(0x2D) ? -1 : 0
        guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
        _ = skip(0x3A)
        guard let minutes = digits(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
