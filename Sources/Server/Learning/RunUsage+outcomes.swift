import Builds
import Optimizer
import Storage

extension RunUsage {
    /// Weeks that a run may lie back: builds of the past are imported, clocks are wrong.
    private static let oldestWeeks: Int64 = 520

    /// What a run that is being learned adds to the sums of its week.
    ///
    /// - Parameters:
    ///   - recommendation: the one it followed.
    ///   - now: when it is learned; a run whose clock is beyond belief counts in this week.
    init(
        _ run: Run, outcomes: [Outcome], following recommendation: Recommendation?, prices: (String?) -> PoolPrices,
        now: Timestamp
    ) {
        var figures = UsageFigures()
        figures.runs = 1
        figures.durationSeconds = run.completion?.durationSeconds ?? 0
        figures.failedRuns = run.completion?.status == .success ? 0 : 1
        for outcome in outcomes { figures.add(outcome, prices(outcome.context.workerPool)) }
        if run.completion?.status == .oomKilled || outcomes.contains(where: { $0.status == .oomKilled }) {
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
    /// Longer than any step, seconds: what is added up must stay finite, whatever a client says.
    private static let longestSeconds = 1e8

    /// Adds what a step was given and used.
    fileprivate mutating func add(_ outcome: Outcome, _ prices: PoolPrices) {
        let usage = outcome.usage
        cacheHits += Double(max(0, usage.cacheHits ?? 0))
        cacheMisses += Double(max(0, usage.cacheMisses ?? 0))
        guard let wall = usage.wallSeconds, wall.isFinite, wall > 0 else { return }
        let seconds = min(wall, Self.longestSeconds)
        var cost = 0.0
        if let memory = outcome.settings.memoryBytes {
            let asked = Units.gib(bytes: memory) * seconds
            cost += asked / 3600 * prices.memoryPerGiBHourUSD
            if let peak = usage.sizingPeakBytes {
                let used = min(asked, Units.gib(bytes: max(0, peak)) * seconds)
                memoryAskedGiBSeconds += asked
                memoryUsedGiBSeconds += used
                unusedUSD += (asked - used) / 3600 * prices.memoryPerGiBHourUSD
            }
        }
        if let millicores = outcome.settings.cpuMillicores {
            let asked = Units.cores(millicores: millicores) * seconds
            cost += asked / 3600 * prices.cpuPerCoreHourUSD
            if let cpu = usage.totalCPUSeconds, cpu.isFinite {
                let used = min(asked, max(0, cpu))
                coreAskedSeconds += asked
                coreUsedSeconds += used
                unusedUSD += (asked - used) / 3600 * prices.cpuPerCoreHourUSD
            }
        }
        costUSD += cost
        if outcome.status == .oomKilled { oomUSD += cost }
    }
}

extension Double {
    fileprivate var clampedToShare: Double { isFinite ? Swift.min(1, Swift.max(0, self)) : 0 }
}
