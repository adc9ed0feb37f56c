import Builds

/// What the earlier runs of a pipeline did, oldest first.
struct EarlierRuns {
    let runs: [RunRecord]

    /// The newest runs of the same pipeline that had ended when `run` began. A run that was still going had told nothing.
    init(of run: Run, among records: [RunRecord]) {
        let ended = records.filter { record in
            record.run.pipeline == run.pipeline && record.run.id != run.id
                && record.endedAt.map { $0 <= run.startedAt } ?? false
        }
        runs = ended.sorted { ($0.run.startedAt, $0.run.id.rawValue) < ($1.run.startedAt, $1.run.id.rawValue) }
            .suffix(FeatureVector.earlierRuns)
    }

    /// Seconds, of the runs that finished.
    var durations: [Double] {
        runs.compactMap { record in
            record.run.completion.flatMap { $0.status == .success ? $0.durationSeconds : nil }
        }
    }

    /// Largest step of each run, GiB.
    var peaksGiB: [Double] {
        runs.compactMap { record in
            record.steps.compactMap { $0.stop?.usage.sizingPeakBytes }.max().map(Units.gib(bytes:))
        }
    }

    var cpuSeconds: [Double] {
        runs.compactMap { record in
            let steps = record.steps.compactMap { $0.stop?.usage.totalCPUSeconds }
            return steps.isEmpty ? nil : steps.reduce(0, +)
        }
    }

    /// CPU seconds per second.
    var coresUsed: [Double] {
        runs.compactMap { record in
            let steps = record.steps.compactMap { $0.stop?.usage }
            let cpu = steps.compactMap(\.totalCPUSeconds).reduce(0, +)
            let wall = steps.compactMap(\.wallSeconds).reduce(0, +)
            return wall > 0 && cpu > 0 ? cpu / wall : nil
        }
    }

    var stepCounts: [Double] { runs.filter { !$0.steps.isEmpty }.map { Double($0.steps.count) } }

    var stepSeconds: [Double] {
        runs.flatMap { record in record.steps.compactMap { $0.stop?.stoppedAt.seconds(since: $0.startedAt) } }
    }

    /// Compiler-cache hits to all lookups, over all runs.
    var cacheHitRatio: Double? {
        let usages = runs.flatMap { $0.steps.compactMap { $0.stop?.usage } }
        let hits = usages.compactMap(\.cacheHits).reduce(0) { $0 + Double(max(0, $1)) }
        let misses = usages.compactMap(\.cacheMisses).reduce(0) { $0 + Double(max(0, $1)) }
        return hits + misses > 0 ? hits / (hits + misses) : nil
    }

    var readGiB: [Double] { perRunGiB(\.ioReadBytes) }
    var writtenGiB: [Double] { perRunGiB(\.ioWriteBytes) }

    private func perRunGiB(_ bytes: KeyPath<Usage, Int64?>) -> [Double] {
        runs.compactMap { record in
            let steps = record.steps.compactMap { $0.stop?.usage[keyPath: bytes] }
            return steps.isEmpty ? nil : steps.reduce(0) { $0 + Units.gib(bytes: $1) }
        }
    }

    /// Share of the runs of which `predicate` holds.
    func rate(of predicate: (RunRecord) -> Bool) -> Double? {
        runs.isEmpty ? nil : Double(runs.count(where: predicate)) / Double(runs.count)
    }
}

extension RunRecord {
    /// When the run had told all it had to tell.
    var endedAt: Timestamp? {
        run.completion.map { completion in
            run.startedAt.advanced(bySeconds: completion.durationSeconds.clamped(to: 0...1e9))
        }
    }

    var wasOOMKilled: Bool {
        run.completion?.status == .oomKilled || steps.contains { ($0.stop?.usage.oomKills ?? 0) > 0 }
    }

    var hasFailed: Bool { run.completion.map { $0.status != .success } ?? false }
}

extension [Double] {
    /// Arithmetic mean; `nil` for none.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
