import Builds
import Testing

@Suite("A timestamp")
struct TimestampTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var microseconds: Int64?
        var testDescription: String { text.isEmpty ? "(empty)" : text }
    }

    @Test(
        "reads RFC 3339 and refuses everything else",
        arguments: [
            Row(text: "1970-01-01T00:00:00Z", microseconds: 0),
            Row(text: "2026-03-01T12:30:00Z", microseconds: 1_772_368_200_000_000),
            Row(text: "2026-03-01T12:30:00.5Z", microseconds: 1_772_368_200_500_000),
            Row(text: "2026-03-01T14:30:00.123456789+02:00", microseconds: 1_772_368_200_123_456),
            Row(text: "2026-03-01t07:00:00-0530", microseconds: 1_772_368_200_000_000),
            Row(text: "2026-03-01 12:30:00", microseconds: 1_772_368_200_000_000),
            Row(text: "2024-02-29T00:00:00Z", microseconds: 1_709_164_800_000_000),
            Row(text: "2023-02-29T00:00:00Z", microseconds: nil),
            Row(text: "1900-01-01T00:00:00Z", microseconds: nil),
            Row(text: "2026-13-01T00:00:00Z", microseconds: nil),
            Row(text: "2026-03-01T24:00:00Z", microseconds: nil),
            Row(text: "2026-03-01T12:30:00.Z", microseconds: nil),
            Row(text: "2026-03-01T12:30:00+25:00", microseconds: nil),
            Row(text: "2026-03-01T12:30:00Zjunk", microseconds: nil),
            Row(text: "2026-03-01", microseconds: nil),
            Row(text: "", microseconds: nil),
            Row(text: String(repeating: "2", count: 10_000), microseconds: nil),
        ])
    func parses(_ row: Row) {
        #expect(Timestamp(rfc3339: row.text)?.microseconds == row.microseconds)
    }

    @Test(
        "writes what it reads", arguments: [0, 1, 951_782_400_000_000, 1_772_368_200_123_456, 253_402_300_799_000_000])
    func roundTrips(_ microseconds: Int64) {
        let timestamp = Timestamp(microseconds: microseconds)
        #expect(Timestamp(rfc3339: timestamp.rfc3339) == timestamp)
    }

    @Test("knows the hour and the day of the week in UTC")
    func hourAndWeekday() throws {
        let sunday = try #require(Timestamp(rfc3339: "2026-03-01T23:59:59Z"))
        #expect(sunday.hourOfDay == 23)
        #expect(sunday.dayOfWeek == 6)
        #expect(sunday.advanced(bySeconds: 1).hourOfDay == 0)
        #expect(sunday.advanced(bySeconds: 1).dayOfWeek == 0)
        #expect(Timestamp(microseconds: 0).dayOfWeek == 3)
        #expect(Timestamp(microseconds: -1).hourOfDay == 23)
    }

    @Test("measures the seconds between two points")
    func difference() {
        let start = Timestamp(seconds: 100.5)
        #expect(start.advanced(bySeconds: 2.25).seconds(since: start) == 2.25)
        #expect(start.seconds == 100.5)
        #expect(start < start.advanced(bySeconds: 1e-6))
    }
}
