import Testing

@testable import Builds

@Suite("What is observed of steps")
struct StepObservationTests {
    private static let run = RunID("r")

    private static func usage(cpu: Double? = nil, peak: Int64? = nil, wall: Double? = nil) -> Usage {
        var usage = Usage()
        usage.cpuSeconds = cpu
        usage.peakMemoryBytes = peak
        usage.wallSeconds = wall
        return usage
    }

    private static func step(_ span: String, stop usage: Usage?) -> Step {
        Step(
            runID: run, spanID: span, stage: "build", step: "compile", startedAt: Timestamp(seconds: 100),
            stop: usage.map { StepStop(stoppedAt: Timestamp(seconds: 160), usage: $0) })
    }

    private static func seen(
        _ span: String, _ usage: Usage, at seconds: Double = 158, isFinal: Bool = true
    ) -> StepObservation {
        StepObservation(
            runID: run, spanID: span, stage: "", step: "build", observedAt: Timestamp(seconds: seconds), usage: usage,
            isFinal: isFinal)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var told: Usage?
        var seen: StepObservation
        var expected: Usage?
    }

    private static let rows = [
        Row(
            testDescription: "what the build left out is filled in", told: usage(wall: 60),
            seen: seen("s", usage(cpu: 200, peak: 5000, wall: 58)), expected: usage(cpu: 200, peak: 5000, wall: 60)),
        Row(
            testDescription: "what it measured itself stays", told: usage(cpu: 201, peak: 5001),
            seen: seen("s", usage(cpu: 200, peak: 5000)), expected: usage(cpu: 201, peak: 5001)),
        Row(
            testDescription: "a step that was seen to end has ended", told: nil,
            seen: seen("s", usage(cpu: 200)), expected: usage(cpu: 200)),
        Row(
            testDescription: "a step that goes on goes on", told: nil,
            seen: seen("s", usage(cpu: 200), isFinal: false), expected: nil),
    ]

    @Test("An observation completes a step", arguments: rows)
    func completes(_ row: Row) {
        let steps = [Self.step("s", stop: row.told)].completed(by: [row.seen])
        #expect(steps.map(\.stop?.usage) == [row.expected])
        #expect(steps.map(\.step) == ["compile"])
    }

    @Test("A step that only was seen is one, in its place")
    func unseenByTheBuild() {
        let steps = [Self.step("s", stop: Self.usage())].completed(by: [
            Self.seen("late", Self.usage(wall: 8)), Self.seen("early", Self.usage(wall: 98)),
        ])
        #expect(steps.map(\.spanID) == ["early", "s", "late"])
        #expect(steps[0].startedAt == Timestamp(seconds: 60))
        #expect(steps[0].stop?.stoppedAt == Timestamp(seconds: 158))
    }

    @Test("A clock that lags ends no step before it began")
    func laggingClock() {
        let steps = [Self.step("s", stop: nil)].completed(by: [Self.seen("s", Self.usage(), at: 40)])
        #expect(steps[0].stop?.stoppedAt == Timestamp(seconds: 100))
    }
}
