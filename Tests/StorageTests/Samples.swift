import Builds
import Storage

let tenant = TenantID("acme")
let otherTenant = TenantID("globex")

func time(_ seconds: Double) -> Timestamp { Timestamp(seconds: 1_770_000_000 + seconds) }

/// A run with every field set, so that a field that is lost shows.
func sampleRun(_ id: String = "r1", pipeline: String = "app", startedAt: Timestamp = time(0)) -> Run {
    var context = BuildContext()
    context.tool = "make"
    context.branch = "release/2.1"
    context.statedPeakMemoryBytes = 3_221_225_473
    context.cacheHitRatio = 0.1
    context.cacheState = .partial
    context.lastSuccess = Settings(jobs: 4, cpuMillicores: 2500, memoryBytes: 4_294_967_296)
    context.extra = ["labels": .array(["ü/\"x\"", 3, .null]), "nested": .object(["deep": .bool(true)])]
    return Run(
        id: RunID(id), pipeline: pipeline, branch: "release/2.1", commit: "c0ffee", image: "ubuntu:24.04",
        tools: ["make", "gcc"], repository: "git@example.org:app.git", node: "node-7",
        requested: Settings(
            jobs: 8, cpuMillicores: 4000, memoryBytes: 8_589_934_592, cache: CompilerCache(isEnabled: true, sizeGiB: 5)),
        recommendationID: "rec-1", context: context,
        ci: CISystem(system: "jenkins", url: "https://ci.example.org/job/app/7", attempt: 2), startedAt: startedAt)
}

func sampleStep(_ span: String = "s1", run: String = "r1", startedAt: Timestamp = time(1)) -> Step {
    Step(runID: RunID(run), spanID: span, stage: "build", step: "compile", startedAt: startedAt)
}

func sampleStop(_ stoppedAt: Timestamp = time(61)) -> StepStop {
    var usage = Usage()
    usage.wallSeconds = 60
    usage.userCPUSeconds = 210.25
    usage.systemCPUSeconds = 0.1
    usage.peakMemoryBytes = 9_007_199_254_740_993  // beyond what a double holds exactly
    usage.memorySource = .cgroupV2
    usage.oomKills = 0
    usage.exitCode = -1
    return StepStop(stoppedAt: stoppedAt, usage: usage, settings: Settings(jobs: 3))
}

func sampleObservation(_ seconds: Double = 5, isFinal: Bool = false, span: String = "s1") -> StepObservation {
    var usage = Usage()
    usage.cpuSeconds = seconds
    usage.peakMemoryBytes = 9_007_199_254_740_993  // beyond what a double holds exactly
    usage.memorySource = .cgroupV2
    return StepObservation(
        runID: RunID("r1"), spanID: span, stage: "", step: "naïve 'step'", observedAt: time(seconds), usage: usage,
        isFinal: isFinal)
}

func sampleCompletion(_ status: RunStatus = .success, durationSeconds: Double = 61.5) -> RunCompletion {
    RunCompletion(
        status: status, durationSeconds: durationSeconds, artifacts: [Artifact(name: "app.tar", sizeBytes: 1 << 40)],
        cache: ["hits": 12, "tool": "ccache"])
}

func sampleRecommendation(_ id: String = "rec-1", pipeline: String = "app") -> Recommendation {
    var prediction = Prediction()
    prediction.durationSecondsP50 = 42.125
    prediction.oomProbability = 0.003
    return Recommendation(
        id: id, target: StepIdentity(pipeline: pipeline, stage: "build", step: "compile"), runID: RunID("r1"),
        createdAt: time(0), expiresAt: time(3600),
        settings: Settings(jobs: 6, cpuMillicores: 6000, memoryBytes: 6_442_450_944),
        baseline: Baseline(settings: Settings(jobs: 4), durationSeconds: 80, costUSD: 0.07), prediction: prediction,
        source: .history, explored: true, propensity: 0.25, confidence: 0.6, rationale: "Six jobs pay for themselves.",
        reasons: [Reason(code: "parallel", text: "Work divides well.", evidence: ["share": 0.93])],
        guardrails: [GuardrailAction(name: "floor", setting: .memory, before: 5.5, after: 6)],
        steps: ["link": Settings(jobs: 1)], modelVersion: "closed-form")
}

func sampleLesson(_ span: String = "s1", ticket: [UInt8] = [1, 2, 3]) -> Lesson {
    Lesson(
        spanID: span,
        outcome: Outcome(
            step: StepIdentity(pipeline: "app", stage: "build", step: "compile"), context: sampleRun().context,
            settings: Settings(jobs: 8), usage: sampleStop().usage, status: .oomKilled, attempt: 2, startedAt: time(1)),
        ticket: ticket)
}

/// What one run of 60 s adds to the first week of 2026.
func sampleUsage(_ week: Week = Week(time(0)), unusedUSD: Double = 0.25) -> RunUsage {
    var figures = UsageFigures()
    for (place, path) in usageFields.enumerated() { figures[keyPath: path] = Double(place) }
    (figures.runs, figures.oomRuns, figures.unusedUSD) = (1, 1, unusedUSD)
    return RunUsage(week: week, figures: figures)
}

/// Every field, so that one that is lost shows.
let usageFields: [WritableKeyPath<UsageFigures, Double> & Sendable] = [
    \.runs, \.failedRuns, \.oomRuns, \.durationSeconds, \.followedRuns, \.followedOOMRuns, \.promisedOOMRuns,
    \.memoryAskedGiBSeconds, \.memoryUsedGiBSeconds, \.coreAskedSeconds, \.coreUsedSeconds, \.costUSD, \.unusedUSD,
    \.oomUSD, \.baselineUSD, \.againstBaselineUSD, \.cacheHits, \.cacheMisses,
]

func sampleModel(_ version: String = "v1", bytes: [UInt8] = [0, 255, 7]) -> StoredModel {
    StoredModel(
        version: version, createdAt: time(5), isActive: false, metrics: ["pinball_loss": 0.125, "rows": 200],
        bytes: bytes)
}

extension Store {
    /// A run that started, ran one step and completed.
    func keepCompletedRun(_ id: String, pipeline: String = "app", tenant: TenantID) async throws {
        _ = try await start(sampleRun(id, pipeline: pipeline), tenant: tenant)
        _ = try await start(sampleStep(run: id), tenant: tenant)
        _ = try await stop(sampleStep(run: id), with: sampleStop(), tenant: tenant)
        _ = try await complete(RunID(id), with: sampleCompletion(), tenant: tenant)
    }
}
