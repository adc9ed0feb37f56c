import Builds
import Optimizer

/// What a sweep leads to: the decision that the server makes too, made from these builds alone.
struct SweepAdvice {
    /// `nil` when no build was measured well enough to learn from.
    let recommendation: Recommendation?
    private let isEmpty: Bool

    /// - Parameters:
    ///   - capacity: CPU and memory of this machine: the bounds of the recommendation.
    ///   - now: when it is made.
    init(_ curve: SweepCurve, step: StepIdentity, tool: String?, capacity: Settings, now: Timestamp) {
        var configuration = OptimizerConfiguration()
        configuration.explorationRate = 0
        configuration.controlRate = 0
        var recommender = Recommender(configuration: configuration)
        var context = BuildContext()
        context.tool = tool
        var learned = 0
        for report in curve.reports {
            guard let wall = report.counters.wallSeconds, let work = report.counters.cpuSeconds,
                let peak = report.peakBytes, let jobs = report.jobs
            else { continue }
            var usage = Usage()
            usage.wallSeconds = wall
            usage.cpuSeconds = work
            usage.peakMemoryBytes = peak
            _ = recommender.observe(
                Outcome(
                    step: step, context: context,
                    settings: Settings(jobs: jobs, cpuMillicores: capacity.cpuMillicores), usage: usage,
                    status: .success, startedAt: now), ticket: nil)
            learned += 1
        }
        isEmpty = learned == 0
        var constraints = Constraints()
        constraints.maxCPUMillicores = capacity.cpuMillicores
        constraints.maxMemoryBytes = capacity.memoryBytes
        var generator = SystemRandomNumberGenerator()
        recommendation =
            isEmpty
            ? nil
            : recommender.recommend(
                OptimizationRequest(target: step, context: context, constraints: constraints), id: "sweep", now: now,
                using: &generator
            ).recommendation
    }

    var text: String {
        guard let recommendation else { return "Nothing was measured that a recommendation could rest on.\n" }
        let settings = recommendation.settings
        let parts = [
            settings.jobs.map { "-j\($0)" },
            settings.cpuMillicores.map { "\(Quantity.decimal(Units.cores(millicores: $0), places: 2)) cores" },
            settings.memoryBytes.map(Quantity.memory(bytes:)),
        ].compactMap(\.self)
        return "Recommended: \(parts.joined(separator: ", "))\n\(recommendation.rationale)\n"
            + recommendation.reasons.map { "  · \($0.text)\n" }.joined()
    }
}
