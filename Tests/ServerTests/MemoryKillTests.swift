import Builds
import Testing

@testable import Server

@Suite("A kill says what is known of it")
struct MemoryKillTests {
    private static let gib: Int64 = 1 << 30

    private func outcome(_ limit: Int64?, _ reached: Int64?, kills: Int64?, _ status: RunStatus = .oomKilled) -> Outcome
    {
        var usage = Usage()
        usage.peakMemoryBytes = reached
        usage.oomKills = kills
        return Outcome(
            step: StepIdentity(pipeline: "shop/cart", stage: "build", step: "link"), context: BuildContext(),
            settings: Settings(memoryBytes: limit), usage: usage, status: status, startedAt: Timestamp(seconds: 0))
    }

    @Test(
        "Its sentence has the numbers there are, and no others",
        arguments: [
            (
                8 * gib, 8_375_186_227, "OOM killed at 7.8 of 8 GiB in step link; the next run gets at least 12 GiB."
            ),
            // What the kernel counted in passing beyond the limit was not there to be had.
            (8 * gib, 9 * gib, "OOM killed at 8 of 8 GiB in step link; the next run gets at least 12 GiB."),
            (2 * gib, 512 << 20, "OOM killed at 512 MiB of 2 GiB in step link; the next run gets at least 3 GiB."),
            (nil, 2 * gib, "OOM killed at 2 GiB in step link; the next run gets at least 3 GiB."),
            (512 << 20, nil, "OOM killed at its limit of 512 MiB in step link; the next run gets at least 768 MiB."),
            (nil, nil, "OOM killed in step link."),
            (0, nil, "OOM killed at its limit of 0 MiB in step link."),
            (
                Int64.max, nil,
                "OOM killed at its limit of 8589934592 GiB in step link; the next run gets at least 4096 GiB."
            ),
        ] as [(Int64?, Int64?, String)])
    func sentence(_ limit: Int64?, _ reached: Int64?, _ text: String) throws {
        let kill = try #require(MemoryKill(outcome(limit, reached, kills: 1), of: RunID("r1")))
        #expect(kill.text(naming: .step) == text)
        #expect(kill.text(naming: .nothing) == text.replacing(" in step link", with: ""))
        #expect(kill.text(naming: .stepAndPipeline) == text.replacing("step link", with: "step link of shop/cart"))
    }

    @Test("What the next run gets is said outright where it was asked, and a place is named by what is known of it")
    func nextAndPlace() throws {
        var kill = try #require(MemoryKill(outcome(8 * Self.gib, 8 * Self.gib, kills: 1), of: RunID("r1")))
        #expect(
            kill.text(naming: .stepAndPipeline, next: 11 * Self.gib)
                == "OOM killed at 8 of 8 GiB in step link of shop/cart; the next run gets 11 GiB.")
        for (stage, place) in [("build", " in stage build"), ("", "")] {
            kill.step = StepIdentity(pipeline: "shop/cart", stage: stage)
            #expect(kill.title(naming: .step) == "OOM killed at 8 of 8 GiB\(place)")
        }
        #expect(kill.title(naming: .stepAndPipeline) == "OOM killed at 8 of 8 GiB in the whole run of shop/cart")
    }

    @Test("Only a counted kill is one: exit status 137 alone proves nothing")
    func evidence() {
        #expect(MemoryKill(outcome(nil, nil, kills: 1, .failure), of: RunID("r1")) != nil)
        #expect(MemoryKill(outcome(nil, nil, kills: 0, .failure), of: RunID("r1")) == nil)
        #expect(MemoryKill(outcome(nil, nil, kills: nil), of: RunID("r1")) != nil)
        let run = Run(
            id: RunID("r1"), pipeline: "p", branch: "", commit: "", image: "",
            requested: Settings(memoryBytes: 8 * Self.gib), startedAt: Timestamp(seconds: 0))
        func step(_ kills: Int64?, exitCode: Int) -> Step {
            var usage = Usage()
            usage.oomKills = kills
            usage.exitCode = exitCode
            return Step(
                runID: run.id, spanID: "s", stage: "", step: "link", startedAt: Timestamp(seconds: 1),
                stop: StepStop(stoppedAt: Timestamp(seconds: 2), usage: usage))
        }
        #expect(MemoryKill(step(nil, exitCode: 137), of: run) == nil)
        #expect(MemoryKill(step(1, exitCode: 137), of: run)?.limitBytes == 8 * Self.gib)
        #expect(MemoryKill(step(1, exitCode: 0), of: run)?.at == Timestamp(seconds: 2))
    }
}
