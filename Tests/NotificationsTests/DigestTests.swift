import Builds
import Testing

@testable import Notifications

@Suite("The weekly digest")
struct DigestTests {
    @Test(
        "It is due at a day and an hour of UTC",
        arguments: [
            ("monday 8", "2026-11-25T10:00:00Z", "2026-11-23T08:00:00Z"),
            ("monday 8", "2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
            ("monday 8", "2026-11-23T07:59:59.999999Z", "2026-11-16T08:00:00Z"),
            ("Sunday 23", "2026-11-22T22:00:00Z", "2026-11-15T23:00:00Z"),
            ("friday 0", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("thursday 0", "1970-01-02T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("monday 8", "1970-01-02T00:00:00Z", "1969-12-29T08:00:00Z"),
        ])
    func schedule(_ text: String, _ now: String, _ due: String) throws {
        let schedule = try #require(DigestSchedule(text))
        let now = try #require(Timestamp(rfc3339: now))
        #expect(schedule.latest(before: now).rfc3339 == due)
    }

    @Test(
        "What is no day and hour is refused",
        arguments: ["", "monday", "8", "someday 8", "monday 24", "monday -1", "monday 8 x"])
    func badSchedule(_ text: String) { #expect(DigestSchedule(text) == nil) }

    private func outcome(
        _ run: String, step: String = "link", askedGiB: Double? = 16, peakGiB: Double? = 4, hours: Double = 1,
        kills: Int64 = 0, at seconds: Double = 0
    ) -> Outcome {
        var usage = Usage()
        usage.wallSeconds = hours * 3600
        usage.peakMemoryBytes = peakGiB.map { Units.bytes(gib: $0) }
        usage.oomKills = kills
        return Outcome(
            step: StepIdentity(pipeline: "shop/cart", stage: "build", step: step), context: BuildContext(),
            settings: Settings(memoryBytes: askedGiB.map { Units.bytes(gib: $0) }), usage: usage,
            status: kills > 0 ? .oomKilled : .success, startedAt: time(seconds), runID: RunID(run))
    }

    @Test("It says what ran, what was killed and promised, what was asked for, used and saved, and where most is left")
    func figures() {
        var figures = WeeklyFigures(period: time(-100)...time(100))
        // Two steps of a run, one of them killed; 16 GiB asked and 4 used for an hour each.
        figures.add(outcome("r1", step: "compile"), risk: 0.02, isFollowed: true, declaredGiB: 20)
        figures.add(outcome("r1", step: "link", kills: 1), risk: 0.02, isFollowed: true, declaredGiB: 20)
        figures.add(outcome("r2", hours: 10), risk: 0.04, isFollowed: true, declaredGiB: 20)
        // Observed; without figures; and of long ago.
        figures.add(outcome("r3", askedGiB: 8, peakGiB: 8), risk: 0.9, isFollowed: false, declaredGiB: 99)
        figures.add(outcome("r4", askedGiB: nil, peakGiB: nil), risk: 0.9, isFollowed: false, declaredGiB: nil)
        figures.add(outcome("r5", at: -101), risk: 0.9, isFollowed: true, declaredGiB: 99)
        #expect(
            figures.text
                == "4 runs this week, 1 of them out of memory. Of 2 that followed a recommendation 50 % ran out of "
                + "memory; 3 % was accepted. 56 GiB·h of 200 GiB·h that were asked for were used (28 %). "
                + "Recommendations saved 44 GiB·h against the declared sizes.")
        #expect(
            figures.facts == [
                Message.Fact(
                    "shop/cart › build › link",
                    "asks for up to 16 GiB, peaks at 8 GiB in 3 runs: 132 GiB·h unused"),
                Message.Fact(
                    "shop/cart › build › compile",
                    "asks for up to 16 GiB, peaks at 4 GiB in 1 run: 12 GiB·h unused"),
            ])
    }

    @Test("A week without runs has nothing to say, and numbers that are none do no harm")
    func empty() {
        var figures = WeeklyFigures(period: time(-100)...time(100))
        #expect(figures.isEmpty && figures.facts.isEmpty)
        for hours in [Double.nan, .infinity, -1, 0, 1e300] {
            figures.add(outcome("r\(hours)", hours: hours), risk: .nan, isFollowed: false, declaredGiB: .nan)
        }
        #expect(figures.text == "5 runs this week, 0 of them out of memory." && figures.facts.isEmpty)
    }
}
