import Builds
import Testing

@testable import Optimizer

@Suite("Feature vector")
struct FeatureVectorTests {
    static func run(_ id: String, hour: Double, pipeline: String = "app") -> Run {
        var run = Run(
            id: RunID(id), pipeline: pipeline, branch: "main", commit: "c", image: "gcc:14",
            requested: Settings(jobs: 8, cpuMillicores: 6000, memoryBytes: 12 << 30),
            startedAt: Timestamp(seconds: 1_750_000_000 + 3600 * hour))
        run.context.changedFiles = 9
        return run
    }

    static func record(
        _ id: String, hour: Double, seconds: Double = 600, peakGiB: Double = 2, status: RunStatus = .success,
        pipeline: String = "app"
    ) -> RunRecord {
        var run = run(id, hour: hour, pipeline: pipeline)
        run.completion = RunCompletion(status: status, durationSeconds: seconds)
        var usage = Usage()
        usage.wallSeconds = seconds
        usage.cpuSeconds = 3 * seconds
        usage.peakMemoryBytes = Units.bytes(gib: peakGiB)
        usage.ioReadBytes = 1 << 30
        usage.ioWriteBytes = 1 << 29
        usage.cacheHits = 3
        usage.cacheMisses = 1
        usage.oomKills = status == .oomKilled ? 1 : 0
        let step = Step(
            runID: run.id, spanID: "1", stage: "build", step: "compile", startedAt: run.startedAt,
            stop: StepStop(stoppedAt: run.startedAt.advanced(bySeconds: seconds), usage: usage))
        return RunRecord(run: run, steps: [step])
    }

    static let earlier = [
        record("2", hour: 2, seconds: 900, peakGiB: 4), record("1", hour: 1, seconds: 300, peakGiB: 2),
        record("3", hour: 3, seconds: 10, peakGiB: 1, status: .failure),
        record("4", hour: 4, seconds: 20, peakGiB: 8, status: .oomKilled),
    ]

    @Test("It says in numbers what earlier runs did and what this one asks for")
    func values() {
        let vector = FeatureVector.describe(run: Self.run("now", hour: 10), steps: [], earlier: Self.earlier)
        let expected: [String: Double] = [
            "prior_runs": 4, "minutes_since_last_run": 360, "last_duration_s": 900, "mean_duration_s": 600,
            "max_duration_s": 900, "last_peak_memory_gb": 8, "mean_peak_memory_gb": 3.75, "max_peak_memory_gb": 8,
            "q90_peak_memory_gb": 6.8, "mean_cores_used": 3, "oom_rate": 0.25, "failure_rate": 0.5,
            "cache_hit_ratio": 0.75, "branch_class": 0, "num_steps": 1, "requested_concurrency": 8,
            "requested_cpu": 6, "requested_mem_gb": 12, "io_read_gb": 1, "io_write_gb": 0.5, "hour_of_day": 1,
            "changed_files_log": 2.302585092994046,
        ]
        for (name, value) in expected {
            #expect(vector[name].map { agree($0, value) } == true, "\(name) is \(vector[name] ?? .nan)")
        }
        #expect(vector.features.count >= 25)
        #expect(Set(vector.features.map(\.name)).count == vector.features.count)
        #expect(vector["unheard_of"] == nil)
    }

    @Test("Without earlier runs what is not known is not a number, and the names are the same")
    func unknown() {
        let first = FeatureVector.describe(run: Self.run("now", hour: 10), steps: [], earlier: [])
        let later = FeatureVector.describe(run: Self.run("now", hour: 10), steps: [], earlier: Self.earlier)
        #expect(first["last_duration_s"] == nil && first["oom_rate"] == nil && first["cache_state"] == nil)
        #expect(first["prior_runs"] == 0)
        #expect(first.features.map(\.name) == later.features.map(\.name))
    }

    @Test("It never looks at the run it describes: not at its end, not at its steps, not among the earlier ones")
    func noLeak() {
        let run = Self.run("now", hour: 10)
        let vector = FeatureVector.describe(run: run, steps: [], earlier: Self.earlier)
        let itself = Self.record("now", hour: 10, seconds: 7777, peakGiB: 99, status: .oomKilled)
        var completed = run
        completed.completion = itself.run.completion
        #expect(
            FeatureVector.describe(run: completed, steps: itself.steps, earlier: Self.earlier + [itself]) == vector)
    }

    @Test("Runs that began or ended later, and those of other pipelines, are not known yet")
    func onlyThePast() {
        let run = Self.run("now", hour: 10)
        let vector = FeatureVector.describe(run: run, steps: [], earlier: Self.earlier)
        let others = [
            Self.record("later", hour: 11), Self.record("overlapping", hour: 9.9, seconds: 3600),
            Self.record("foreign", hour: 5, pipeline: "other"), RunRecord(run: Self.run("running", hour: 6), steps: []),
        ]
        #expect(FeatureVector.describe(run: run, steps: [], earlier: Self.earlier + others) == vector)
    }

    @Test("What the caller states goes before what was measured")
    func stated() {
        var run = Self.run("now", hour: 10)
        run.branch = "release/2"
        run.context.cacheHitRatio = 0.1
        run.context.cacheState = .partial
        run.context.stepCount = 12
        run.context.ioReadBytes = 5 << 30
        run.context.statedPeakMemoryBytes = 3 << 30
        let vector = FeatureVector.describe(run: run, steps: [], earlier: Self.earlier)
        #expect(vector["cache_hit_ratio"] == 0.1 && vector["cache_state"] == 1 && vector["num_steps"] == 12)
        #expect(vector["io_read_gb"] == 5 && vector["stated_peak_memory_gb"] == 3 && vector["branch_class"] == 2)
    }
}
