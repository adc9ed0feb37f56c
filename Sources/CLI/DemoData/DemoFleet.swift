import Builds
import Client
import Glibc
import Optimizer

/// A small synthetic fleet whose runs hang together the way real ones do: more changed files mean more work, a cold cache
/// means much more, more jobs mean more memory at once, and a limit below the peak means an OOM kill and a retry.
///
/// Deterministic for a seed.
struct DemoFleet {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// What one pipeline's compile step is like.
    private struct Shape {
        var pipeline: String
        var tool: String
        /// CPU seconds of a warm build with ten changed files.
        var cpuSeconds: Double
        /// Seconds no number of jobs can shorten: configure, link.
        var serialSeconds: Double
        /// Peak in GiB at four jobs on a warm cache.
        var peakGiB: Double
    }

    private static let shapes = [
        Shape(pipeline: "demo/payments-api", tool: "gradle", cpuSeconds: 420, serialSeconds: 35, peakGiB: 3.2),
        Shape(pipeline: "demo/search-engine", tool: "cmake", cpuSeconds: 1600, serialSeconds: 60, peakGiB: 5.5),
        Shape(pipeline: "demo/web-shop", tool: "npm", cpuSeconds: 160, serialSeconds: 25, peakGiB: 1.4),
    ]

    /// `count` runs in the order they ended, the last one shortly before `now`, about one every three hours.
    mutating func runs(_ count: Int, endingBefore now: Timestamp) -> [RunReport] {
        var reports: [RunReport] = []
        var index = 0
        while reports.count < count {
            let started = now.advanced(bySeconds: -10_800 * Double(count - reports.count) + 600 * uniform())
            let shape = Self.shapes[index % Self.shapes.count]
            index += 1
            let first = build(shape, number: index, attempt: 1, started: started, memoryGiB: requestedGiB(shape))
            reports.append(first.report)
            if first.isOOM, reports.count < count {
                // The retry everybody does by hand: the same build with twice the memory.
                let retry = build(
                    shape, number: index, attempt: 2, started: started.advanced(bySeconds: 1800),
                    memoryGiB: 2 * first.memoryGiB)
                reports.append(retry.report)
            }
        }
        return reports
    }

    /// Most teams ask for twice the usual peak; one in ten copied a smaller number from somewhere.
    private mutating func requestedGiB(_ shape: Shape) -> Double {
        let factor = uniform() < 0.1 ? 0.7 : 2.0
        return (shape.peakGiB * factor * 2).rounded(.up) / 2
    }

    private mutating func build(
        _ shape: Shape, number: Int, attempt: Int, started: Timestamp, memoryGiB: Double
    ) -> (report: RunReport, isOOM: Bool, memoryGiB: Double) {
        let branch =
            uniform() < 0.35 ? "main" : uniform() < 0.1 ? "release/2.\(number % 3)" : "feature/change-\(number)"
        let cache: CacheState = uniform() < 0.15 ? .cold : uniform() < 0.4 ? .partial : .warm
        let changedFiles = Int(10 * lognormal(0.9)) + 1
        let jobs = [2, 4, 4, 8][Int(uniform() * 4) % 4]
        let cpu = Double(min(jobs, 4))

        let cacheFactor =
            switch cache {
            case .cold: 3.2
            case .partial: 1.6
            case .warm: 1.0
            }
        let changeFactor = cache == .cold ? 1.0 : pow(Double(changedFiles) / 10, 0.25)
        let work = shape.cpuSeconds * cacheFactor * changeFactor * lognormal(0.12)
        let wall = (shape.serialSeconds + work / (0.92 * min(cpu, Double(jobs)))) * lognormal(0.05)
        let peak =
            shape.peakGiB * pow(Double(jobs) / 4, 0.35) * (cache == .cold ? 1.25 : 1) * lognormal(0.08)
        let isOOM = peak > memoryGiB
        // A killed build got some way before it met its limit.
        let share = isOOM ? 0.3 + 0.5 * uniform() : 1
        let failed = !isOOM && uniform() < 0.06

        var usage = Usage()
        usage.wallSeconds = wall * share
        usage.userCPUSeconds = work * share * 0.9
        usage.systemCPUSeconds = work * share * 0.1
        usage.peakMemoryBytes = Units.bytes(gib: min(peak * 1.1, memoryGiB))
        usage.unreclaimablePeakBytes = Units.bytes(gib: min(peak, memoryGiB))
        usage.memorySource = .cgroupV2
        let hits: Int64 =
            switch cache {
            case .cold: 0
            case .partial: 120
            case .warm: 360
            }
        usage.cacheHits = hits
        usage.cacheMisses = 400 - hits
        usage.oomKills = isOOM ? 1 : 0
        usage.exitCode = isOOM ? 137 : failed ? 1 : 0

        var context = BuildContext()
        context.tool = shape.tool
        context.branch = branch
        context.cacheState = cache
        context.changedFiles = changedFiles
        context.baseline = Settings(
            jobs: jobs, cpuMillicores: Units.millicores(cores: cpu), memoryBytes: Units.bytes(gib: memoryGiB))
        let id = RunID("\(shape.pipeline)-\(started.microseconds)-\(number)-r\(attempt)")
        let run = Run(
            id: id, pipeline: shape.pipeline, branch: branch, commit: String(number, radix: 16),
            image: "demo/\(shape.tool):1",
            tools: [shape.tool], requested: context.baseline ?? Settings(), context: context,
            ci: CISystem(system: "demo", attempt: attempt), startedAt: started)
        let ended = started.advanced(bySeconds: wall * share)
        let step = Step(
            runID: id, spanID: "compile", stage: "build", step: "compile", startedAt: started,
            stop: StepStop(stoppedAt: ended, usage: usage))
        let status: RunStatus = isOOM ? .oomKilled : failed ? .failure : .success
        let completion = RunCompletion(status: status, durationSeconds: wall * share)
        return (RunReport(run: run, steps: [step], completion: completion), isOOM, memoryGiB)
    }

    /// Uniform in [0, 1).
    private mutating func uniform() -> Double { Double.random(in: 0..<1, using: &generator) }

    /// exp of a normal with mean 0 and the given standard deviation (Box–Muller).
    private mutating func lognormal(_ deviation: Double) -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return exp(deviation * radius * cos(2 * .pi * uniform()))
    }
}
