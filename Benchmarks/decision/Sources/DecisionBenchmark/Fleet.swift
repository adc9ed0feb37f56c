import Builds
import Glibc
import Optimizer

/// Builds whose truth is known, to fill a recommender with.
struct Fleet {
    static let start = Timestamp(seconds: 1_750_000_000)
    var generator = SplitMix64(seed: 1)

    /// What a run tells before it begins.
    mutating func context() -> BuildContext {
        var context = BuildContext()
        context.tool = "make"
        context.image = "gcc:14"
        context.branch = ["main", "feature/a", "feature/b", "release/1"].randomElement(using: &generator)
        context.cacheState = CacheState.allCases.randomElement(using: &generator)
        context.changedFiles = Int.random(in: 1...40, using: &generator)
        context.baseline = Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 16 << 30)
        return context
    }

    /// A run that finished.
    mutating func outcome(of step: StepIdentity, settings: Settings, context: BuildContext) -> Outcome {
        let jobs = Double(settings.jobs ?? 4)
        let cores = Double(settings.cpuMillicores ?? 4000) / 1000
        let size = 1 + Double(step.step.utf8.reduce(0) { $0 &+ UInt64($1) } % 7)
        let noise = Double.random(in: 0.85...1.15, using: &generator)
        let isCold = context.cacheState == .cold
        var usage = Usage()
        let work = 300 * size * noise * (isCold ? 2.5 : 1)
        usage.cpuSeconds = work
        usage.wallSeconds = 10 + 0.06 * work + 0.94 * work / min(cores, 0.9 * jobs)
        usage.peakMemoryBytes = Int64(0.4 * size * pow(jobs / 4, 0.4) * noise * 1_073_741_824)
        return Outcome(
            step: step, context: context, settings: settings, usage: usage, status: .success,
            startedAt: Self.start)
    }
}
