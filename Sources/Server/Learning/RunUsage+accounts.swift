import Builds
import Optimizer
import Storage

extension RunUsage {
    /// Weeks that a run may lie back: builds of the past are imported, clocks are wrong.
    private static let oldestWeeks: Int64 = 520

    /// What a run that is being learned adds to the sums of its week.
    ///
    /// - Parameters:
    ///   - steps: its attempts, as they are counted everywhere.
    ///   - recommendation: the one it followed.
    ///   - now: when it is learned; a run whose clock is beyond belief counts in this week.
    init(_ run: Run, _ steps: [StepAccount], following recommendation: Recommendation?, now: Timestamp) {
        var figures = UsageFigures()
        figures.runs = 1
        figures.durationSeconds = run.completion?.durationSeconds ?? 0
        figures.failedRuns = run.completion?.status == .success ? 0 : 1
        for step in steps { figures.add(step) }
        if run.completion?.status == .oomKilled || steps.contains(where: { $0.ending == .oomKilled }) {
            figures.oomRuns = 1
        }
        if let recommendation {
            figures.followedRuns = 1
            figures.followedOOMRuns = figures.oomRuns
            figures.promisedOOMRuns = (recommendation.prediction.oomProbability ?? 0).clampedToShare
            if let baseline = recommendation.baseline?.costUSD, baseline.isFinite, figures.oomRuns == 0 {
                figures.baselineUSD = baseline
                figures.againstBaselineUSD = figures.costUSD
            }
        }
        let (started, learned) = (Week(run.startedAt), Week(now))
        let isPlausible = started >= learned.advanced(by: -Self.oldestWeeks) && started <= learned
        self.init(week: isPlausible ? started : learned, figures: figures)
    }
}

extension UsageFigures {
    fileprivate mutating func add(_ step: StepAccount) {
        cacheHits += Double(step.cacheHits)
        cacheMisses += Double(step.cacheMisses)
        if let memory = step.memory {
            let bytes = Double(Units.bytes(gib: 1))
            memoryAskedGiBSeconds += memory.asked / bytes
            memoryUsedGiBSeconds += memory.used / bytes
        }
        if let cpu = step.cpu {
            coreAskedSeconds += cpu.asked
            coreUsedSeconds += cpu.used
        }
        costUSD += step.costUSD
        unusedUSD += step.unusedUSD
        if step.ending == .oomKilled { oomUSD += step.costUSD }
    }
}

extension Double {
    fileprivate var clampedToShare: Double { isFinite ? Swift.min(1, Swift.max(0, self)) : 0 }
}
