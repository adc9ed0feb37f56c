import Builds

/// A request as the decision sees it: plain numbers in the ranges in which the formulas hold, whatever the caller sent.
struct SizingQuestion: Hashable, Sendable {
    let target: StepIdentity
    let configuration: ConfigurationKey
    let conditions: BuildConditions
    let declared: DeclaredSettings?
    /// True when the caller stated what runs without us: only then is there something to compare with.
    let hasBaseline: Bool
    /// Memory the caller would have asked for, GiB.
    let requestedMemoryGiB: Double?
    /// The largest memory the caller has seen, GiB.
    let statedPeakGiB: Double?
    /// ``statedPeakFactor`` × that.
    let statedFloorGiB: Double?
    let statedSeconds: Double?
    let statedDollars: Double?
    /// Accepted OOM risk.
    let risk: Double
    let deadlineSeconds: Double?
    let timeWeight: Double
    let costWeight: Double
    let bounds: SettingsBounds
    let cache: CompilerCache
    /// Pool of machines the step runs on; decides about prices.
    let workerPool: String?

    /// Margin over the largest memory the caller states; the wire contract promises it.
    static let statedPeakFactor = 1.2
    /// Compiler cache when nothing is known, GiB: ccache's own default is 5, which two branches of a large project fill.
    private static let defaultCacheGiB = 10.0

    init(target: StepIdentity, context: BuildContext, constraints: Constraints, objective: Objective, risk: Double) {
        self.target = target
        configuration = ConfigurationKey(context: context)
        conditions = BuildConditions(context: context)
        declared = DeclaredSettings(context: context)
        hasBaseline =
            context.baseline.map { $0.jobs != nil || $0.cpuMillicores != nil || $0.memoryBytes != nil } ?? false
        requestedMemoryGiB =
            (context.extra["requested_mem_gb"]?.numberValue?.ifPositive ?? declared?.memoryGiB)?
            .clamped(to: SettingsRange.memoryGiB)
        let statedPeak = context.statedPeakMemoryBytes.map(Units.gib(bytes:))?.ifPositive
        statedPeakGiB = statedPeak?.clamped(to: SettingsRange.memoryGiB)
        statedFloorGiB = statedPeak.map { (Self.statedPeakFactor * $0).clamped(to: SettingsRange.memoryGiB) }
        let ofSteps = context.stepCount.flatMap { count in context.averageStepSeconds.map { Double(count) * $0 } }
        statedSeconds = (context.durationSeconds?.ifPositive ?? ofSteps?.ifPositive)?.clamped(to: 0.01...1e8)
        statedDollars = context.costUSD?.ifPositive?.clamped(to: 1e-9...1e9)
        self.risk = (constraints.oomRisk?.ifPositive ?? risk).clamped(to: AcceptedRisk.range)
        deadlineSeconds = constraints.deadlineSeconds?.ifPositive
        let time = objective.timeWeight.clamped(to: 0...1e6)
        let cost = objective.costWeight.clamped(to: 0...1e6)
        (timeWeight, costWeight) = time + cost > 0 ? (time, cost) : (0.5, 0.5)
        bounds = SettingsBounds(constraints: constraints, context: context)
        workerPool = context.workerPool
        let known = context.lastSuccess?.cache?.sizeGiB ?? context.baseline?.cache?.sizeGiB
        cache = CompilerCache(
            isEnabled: true, sizeGiB: known?.ifPositive?.clamped(to: 0.1...10_000) ?? Self.defaultCacheGiB)
    }

    /// What the caller wants, per second and per dollar of a mean run.
    ///
    /// - Parameters:
    ///   - history: stands in for what the caller does not state: its runs at the declared configuration, else its
    ///     oldest kept one.
    func objective(history: StepHistory?, prices: Prices) -> ObjectiveRates {
        // The oldest timed run, and the runs at the declared configuration.
        var first: StepRecord.Timing?
        var firstPeak: Double?
        var alike = (count: 0.0, seconds: 0.0)
        for record in history?.records.elements ?? [] {
            guard let timing = record.timing else { continue }
            let isDeclared = Candidate(jobs: record.jobs, cores: timing.cores) == declared?.candidate
            if isDeclared {
                if alike.count == 0 { (first, firstPeak) = (timing, record.peakGiB) }
                alike = (alike.count + 1, alike.seconds + timing.wallSeconds)
            } else if first == nil {
                (first, firstPeak) = (timing, record.peakGiB)
            }
        }
        let seconds = statedSeconds ?? (alike.count > 0 ? alike.seconds / alike.count : first?.wallSeconds)
        let candidate = declared?.candidate ?? DeclaredSettings.undeclared
        let price = prices.perSecond(
            cores: first?.cores ?? candidate.cores,
            memoryGiB: declared?.memoryGiB ?? firstPeak ?? Self.usualMemoryGiB)
        let known = seconds ?? Self.usualSeconds
        return ObjectiveRates(
            timeWeight: timeWeight, costWeight: costWeight, referenceSeconds: known,
            referenceDollars: statedDollars ?? max(1e-9, known * price))
    }

    /// A run nothing is known about; only the ratio of time to cost rests on them.
    private static let usualSeconds = 300.0
    private static let usualMemoryGiB = 8.0

    /// Duration of a mean run, as far as anybody knows, seconds.
    var referenceSeconds: Double { statedSeconds ?? Self.usualSeconds }
}

/// What the caller and the node allow.
struct SettingsBounds: Hashable, Sendable {
    let maxJobs: Double?
    let maxCores: Double?
    let minMemoryGiB: Double?
    let maxMemoryGiB: Double?
    /// Size of the node the step runs on, from `node_cpu` and `node_mem_gb` of the context.
    let nodeCores: Double?
    let nodeMemoryGiB: Double?

    init(constraints: Constraints, context: BuildContext) {
        maxJobs = constraints.maxJobs.map { max(1, Double($0)) }
        maxCores = constraints.maxCPUMillicores.map { max(SettingsRange.cores.lowerBound, Units.cores(millicores: $0)) }
        minMemoryGiB = constraints.minMemoryBytes.map(Units.gib(bytes:))?.ifPositive
        maxMemoryGiB = constraints.maxMemoryBytes.map(Units.gib(bytes:))?.ifPositive
        nodeCores = context.extra["node_cpu"]?.numberValue?.ifPositive.map { max(SettingsRange.cores.lowerBound, $0) }
        nodeMemoryGiB = context.extra["node_mem_gb"]?.numberValue?.ifPositive
    }

    /// Jobs to a core; more wait for each other.
    static let maxJobsPerCore = 4.0

    /// The most cores that may be given.
    var coresCeiling: Double {
        min(maxCores ?? .infinity, nodeCores ?? .infinity, SettingsRange.cores.upperBound)
    }

    /// The most memory that may be given, GiB.
    var memoryCeilingGiB: Double {
        min(maxMemoryGiB ?? .infinity, nodeMemoryGiB ?? .infinity, SettingsRange.memoryGiB.upperBound)
    }

    var candidates: CandidateBounds {
        CandidateBounds(
            maxJobs: min(maxJobs ?? .infinity, SettingsRange.jobs.upperBound), maxCores: coresCeiling,
            maxJobsPerCore: Self.maxJobsPerCore)
    }
}
