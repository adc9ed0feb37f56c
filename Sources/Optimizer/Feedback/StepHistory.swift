/// Everything remembered of one step. Bounded: about 30 kB when full.
struct StepHistory: Hashable, Codable, Sendable {
    /// Records kept; the half-life of the regressions is 80, so older ones weigh nothing.
    static let recordCapacity = 200
    /// Records whose configurations may be chosen again or approached.
    private static let configurationWindow = 60

    var tool = ""
    private(set) var records = RecentValues<StepRecord>(capacity: recordCapacity)
    /// Finished runs, forgotten ones included.
    private(set) var runCount = 0
    /// Finished runs whose timing was known.
    private(set) var timedCount = 0
    var oom = OOMWatch()
    var drift = DriftWatch()
    var rollback = RollbackGuard()
    /// The step's own memory keys, used longest ago first.
    private(set) var keys = RecentKeys()
    /// Coefficients at the last run, for pooling over the steps of a tool.
    var summary: StepSummary?

    /// - Returns: memory keys of the step that were forgotten: it has had too many configurations.
    @discardableResult
    mutating func append(_ record: StepRecord) -> [MemoryKey] {
        let forgotten = record.keys.reversed().compactMap { keys.use($0) }
        var record = record
        // Most runs of a step have the keys of an earlier one: one array for all of them saves a third of the memory.
        if let alike = records.elements.last(where: { $0.keys == record.keys }) { record.keys = alike.keys }
        records.append(record)
        runCount += 1
        if record.timing != nil { timedCount += 1 }
        return forgotten
    }

    /// Configurations of the newest runs, each once.
    var recentConfigurations: Set<Candidate> {
        Set(
            records.elements.suffix(Self.configurationWindow).compactMap { record in
                record.timing.map { Candidate(jobs: record.jobs, cores: $0.cores) }
            })
    }

    /// The newest configuration whose timing is known.
    var lastConfiguration: Candidate? {
        records.elements.last { $0.timing != nil }.flatMap { record in
            record.timing.map { Candidate(jobs: record.jobs, cores: $0.cores) }
        }
    }

    /// Means and maxima of the step's own keys with today's slopes, by level of `chain`; empty when no kept run differs
    /// from `conditions` and `jobs` in what the slopes act on, for then the running statistics say the same.
    func renormalisedPeaks(
        for chain: KeyChain, slopes: [Double], conditions: BuildConditions, jobs: [Double]
    ) -> [RenormalisedPeaks?] {
        let kept = records.elements.suffix(KeyStatistics.windowLength)
        let varies =
            jobs.contains { $0 != jobs[0] } || kept.contains { $0.conditions != conditions || $0.memoryJobs != jobs[0] }
        guard varies else { return [] }
        let factors = kept.map { record in
            MemorySlopes.factor(coefficients: slopes, conditions: record.conditions, jobs: record.memoryJobs)
        }
        return chain.ownKeys.indices.map { level in
            RenormalisedPeaks(
                peaks: zip(kept, factors).compactMap { record, factor in
                    guard level < record.keys.count, record.keys[level] == chain.keys[level] else { return nil }
                    return record.peakGiB.map { $0 / factor }
                })
        }
    }
}

extension RenormalisedPeaks {
    /// Up to this many peaks count alike; of more, the newer count more.
    private static let plainMeanCount = 20
    private static let decay = 0.95

    /// - Parameter peaks: normalised, GiB, oldest first; `nil` for none.
    init?(peaks: [Double]) {
        guard let maximum = peaks.max() else { return nil }
        var weight = 1.0
        var weights = 0.0
        var sum = 0.0
        for peak in peaks.reversed() {
            sum += weight * peak
            weights += weight
            if peaks.count > Self.plainMeanCount { weight *= Self.decay }
        }
        self.init(mean: sum / weights, maximum: maximum)
    }
}
