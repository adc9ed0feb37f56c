import Builds
import Testing

@testable import Optimizer

@Suite("Hostile input")
struct HostileInputTests {
    static func integer(using generator: inout SplitMix64) -> Int {
        [0, -1, 1, 7, Int.max, Int.min, 1 << 40].randomElement(using: &generator) ?? 0
    }

    static func settings(using generator: inout SplitMix64) -> Settings? {
        guard Bool.random(using: &generator) else { return nil }
        return Settings(
            jobs: Bool.random(using: &generator) ? integer(using: &generator) : nil,
            cpuMillicores: Bool.random(using: &generator) ? integer(using: &generator) : nil,
            memoryBytes: Bool.random(using: &generator) ? Int64(integer(using: &generator)) : nil,
            cache: Bool.random(using: &generator)
                ? CompilerCache(isEnabled: false, sizeGiB: GuardrailTests.number(using: &generator)) : nil)
    }

    static func context(using generator: inout SplitMix64) -> BuildContext {
        func number() -> Double { GuardrailTests.number(using: &generator) }
        var context = BuildContext()
        context.tool = ["", "make", String(repeating: "ü", count: 5000)].randomElement(using: &generator)
        context.branch = ["main", "feature/x", "", "v1.2"].randomElement(using: &generator)
        context.statedPeakMemoryBytes = Int64(integer(using: &generator))
        context.durationSeconds = number()
        context.costUSD = number()
        context.cacheHitRatio = number()
        context.cacheState = CacheState.allCases.randomElement(using: &generator)
        context.changedFiles = integer(using: &generator)
        context.baseline = settings(using: &generator)
        context.lastSuccess = settings(using: &generator)
        context.extra = [
            "concurrency": .number(number()), "requested_mem_gb": .number(number()), "node_cpu": .number(number()),
            "node_mem_gb": .number(number()), "x": .array([.null]), "": .string(""), "big": .number(number()),
        ]
        return context
    }

    static func outcome(using generator: inout SplitMix64) -> Outcome {
        var usage = Usage()
        usage.wallSeconds = GuardrailTests.number(using: &generator)
        usage.cpuSeconds = GuardrailTests.number(using: &generator)
        usage.peakMemoryBytes = Int64(integer(using: &generator))
        usage.oomKills = [nil, 0, -5, 3, .max].randomElement(using: &generator) ?? nil
        return Outcome(
            step: StepIdentity(pipeline: "p", stage: "s", step: ["a", "b"].randomElement(using: &generator) ?? ""),
            context: context(using: &generator), settings: settings(using: &generator) ?? Settings(), usage: usage,
            status: RunStatus.allCases.randomElement(using: &generator) ?? .success,
            attempt: integer(using: &generator), startedAt: SimulatedStep.start)
    }

    /// What is wrong with an answer, by name.
    static func faults(of recommendation: Recommendation) -> [String] {
        let settings = recommendation.settings
        let prediction = recommendation.prediction
        let numbers = [
            prediction.durationSecondsP50, prediction.durationSecondsP90, prediction.costUSD,
            recommendation.baseline?.costUSD, recommendation.baseline?.durationSeconds,
        ].compactMap(\.self)
        let rules: [(String, Bool)] = [
            ("jobs", (1...512).contains(settings.jobs ?? 0)),
            ("CPU", (250...2_048_000).contains(settings.cpuMillicores ?? 0)),
            ("memory", (64 << 20...4 << 40).contains(settings.memoryBytes ?? 0)),
            ("cache", settings.cache.map { $0.sizeGiB.isFinite && $0.sizeGiB > 0 } ?? false),
            ("numbers", numbers.allSatisfy { $0.isFinite && $0 >= 0 }),
            ("confidence", (0...1).contains(recommendation.confidence)),
            ("propensity", recommendation.propensity > 0 && recommendation.propensity <= 1),
            ("risk", (0...1).contains(prediction.oomProbability ?? -1)),
            ("rationale", !recommendation.rationale.isEmpty),
        ]
        return rules.filter { !$0.1 }.map(\.0)
    }

    @Test("Whatever callers send, nothing traps and every answer is sane", arguments: 1...6 as ClosedRange<UInt64>)
    func fuzz(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var configuration = OptimizerConfiguration()
        if seed > 3 {
            configuration.oomRisk = GuardrailTests.number(using: &generator)
            configuration.explorationRate = GuardrailTests.number(using: &generator)
            configuration.cpuPricePerCoreHourUSD = GuardrailTests.number(using: &generator)
            configuration.memoryPricePerGiBHourUSD = GuardrailTests.number(using: &generator)
            configuration.recommendationLifetimeSeconds = GuardrailTests.number(using: &generator)
            configuration.defaultMemoryGiB = GuardrailTests.number(using: &generator)
            configuration.memoryCapGiB = GuardrailTests.number(using: &generator)
        }
        var recommender = Recommender(configuration: configuration)
        for _ in 0..<150 {
            var constraints = Constraints()
            constraints.maxJobs = Self.integer(using: &generator)
            constraints.maxCPUMillicores = Self.integer(using: &generator)
            constraints.maxMemoryBytes = Int64(Self.integer(using: &generator))
            constraints.deadlineSeconds = GuardrailTests.number(using: &generator)
            constraints.oomRisk = GuardrailTests.number(using: &generator)
            let outcome = Self.outcome(using: &generator)
            let target = [outcome.step, StepIdentity(pipeline: "p"), StepIdentity(pipeline: "p", stage: "s")]
            let request = OptimizationRequest(
                target: target.randomElement(using: &generator) ?? outcome.step,
                context: Self.context(using: &generator), constraints: constraints,
                objective: Objective(
                    timeWeight: GuardrailTests.number(using: &generator),
                    costWeight: GuardrailTests.number(using: &generator)))
            let (recommendation, ticket) = recommender.recommend(
                request, id: "x", now: SimulatedStep.start, using: &generator)
            let faults = Self.faults(of: recommendation)
            #expect(faults.isEmpty, "\(recommendation.prediction) \(recommendation.baseline as Any)")
            if !faults.isEmpty { return }
            recommender.observe(outcome, ticket: Bool.random(using: &generator) ? ticket : nil)
        }
    }

    @Test("A tenant with endless steps does not grow without end")
    func bounded() {
        var map = StepHistories()
        for index in 0..<(StepHistories.capacity + 1000) {
            map.update(StepIdentity(pipeline: "p\(index)", step: "s")) { step in
                step.append(
                    StepRecord(conditions: BuildConditions(), jobs: 1, timing: nil, peakGiB: 1, keys: []))
            }
        }
        #expect(map.count <= StepHistories.capacity)
        #expect(map.covered(by: StepIdentity(pipeline: "p0"), limit: 9).isEmpty)
        #expect(map.covered(by: StepIdentity(pipeline: "p5999"), limit: 9).count == 1)
    }
}
