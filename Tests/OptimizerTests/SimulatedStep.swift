import Builds
import Foundation

@testable import Optimizer

/// A step whose truth is known: what it would do with any settings.
struct SimulatedStep {
    var identity = StepIdentity(pipeline: "app", stage: "build", step: "compile")
    var workSeconds = 600.0
    var serialSeconds = 10.0
    /// GiB at four jobs.
    var peakGiB = 2.0
    /// Spread of the logarithms of work and peak.
    var noise = 0.05

    static let start = Timestamp(seconds: 1_750_000_000)

    /// One attempt, killed when the settings give it too little memory.
    func run(
        _ settings: Settings, context: BuildContext, attempt: Int = 1, using generator: inout SplitMix64
    ) -> Outcome {
        let jobs = Double(settings.jobs ?? 4)
        let cores = settings.cpuMillicores.map(Units.cores(millicores:)) ?? jobs
        let peak = peakGiB * pow(jobs / 4, 0.4) * exp(noise * StandardNormal.draw(using: &generator))
        let work = workSeconds * exp(noise * StandardNormal.draw(using: &generator))
        let limit = settings.memoryBytes.map(Units.gib(bytes:)) ?? .infinity
        var usage = Usage()
        let isKilled = peak > limit
        usage.wallSeconds = (serialSeconds + work / min(cores, 0.9 * jobs)) * (isKilled ? 0.6 : 1)
        usage.cpuSeconds = work * (isKilled ? 0.6 : 1)
        usage.peakMemoryBytes = Units.bytes(gib: min(peak, limit))
        usage.oomKills = isKilled ? 1 : 0
        return Outcome(
            step: identity, context: context, settings: settings, usage: usage,
            status: isKilled ? .oomKilled : .success, attempt: attempt, startedAt: Self.start)
    }
}

extension BuildContext {
    /// A context with a declared baseline.
    static func declaring(jobs: Int = 4, cores: Double = 4, memoryGiB: Double = 16) -> BuildContext {
        var context = BuildContext()
        context.tool = "make"
        context.image = "gcc:14"
        context.branch = "main"
        context.baseline = Settings(
            jobs: jobs, cpuMillicores: Units.millicores(cores: cores), memoryBytes: Units.bytes(gib: memoryGiB))
        return context
    }
}

extension Settings {
    var memoryGiB: Double { memoryBytes.map(Units.gib(bytes:)) ?? .nan }
}

/// Outcomes with the tickets they were learned with: what a server persists.
typealias Journal = [(outcome: Outcome, ticket: Ticket)]

extension Recommender {
    /// A recommender without chance and control runs, unless asked for.
    static func plain(exploration: Double = 0, control: Double = 0) -> Recommender {
        var configuration = OptimizerConfiguration()
        configuration.explorationRate = exploration
        configuration.controlRate = control
        return Recommender(configuration: configuration)
    }

    /// Follows its own recommendations for `runs` runs, with retries at twice the memory.
    mutating func live(
        _ step: SimulatedStep, context: BuildContext = .declaring(), runs: Int, using generator: inout SplitMix64
    ) -> Journal {
        var journal: Journal = []
        for run in 0..<runs {
            let request = OptimizationRequest(target: step.identity, context: context)
            var (recommendation, ticket) = recommend(
                request, id: "\(run)", now: SimulatedStep.start, using: &generator)
            for attempt in 1...8 {
                let outcome = step.run(
                    recommendation.settings, context: context, attempt: attempt, using: &generator)
                journal.append((outcome, observe(outcome, ticket: ticket)))
                if outcome.status == .success { break }
                ticket = journal[journal.count - 1].ticket
                recommendation.settings.memoryBytes = recommendation.settings.memoryBytes.map { 2 * $0 }
            }
        }
        return journal
    }

    /// The next recommendation for a step.
    mutating func next(
        _ step: StepIdentity, context: BuildContext = .declaring(), constraints: Constraints = Constraints(),
        seed: UInt64 = 1
    ) -> Recommendation {
        var generator = SplitMix64(seed: seed)
        let request = OptimizationRequest(target: step, context: context, constraints: constraints)
        return recommend(request, id: "next", now: SimulatedStep.start, using: &generator).recommendation
    }
}
