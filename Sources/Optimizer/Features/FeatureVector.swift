import Builds
import Glibc

/// Named numbers that describe a run by what was known before it began: its context, what it asked for, and the earlier
/// runs of its pipeline. Never by itself: nothing it did may explain it.
public struct FeatureVector: Hashable, Sendable {
    /// One number with its name; `nil` where nothing is known.
    public struct Feature: Hashable, Sendable {
        public let name: String
        public let value: Double?
    }

    /// In a fixed order, the same for every run.
    public let features: [Feature]

    /// The value of the feature called `name`; `nil` when it is not known or there is none.
    public subscript(name: String) -> Double? { features.first { $0.name == name }?.value }

    /// Earlier runs looked back on: as many as a step keeps records of.
    static let earlierRuns = StepHistory.recordCapacity

    /// Describes a run.
    ///
    /// - Parameters:
    ///   - run: only what was known at its start is read, not its completion.
    ///   - steps: of the run itself; not read, for they are part of its outcome.
    ///   - earlier: runs of any pipeline in any order; those of the same pipeline that *ended* before this one began
    ///     count, the newest 200 of them.
    public static func describe(run: Run, steps _: [Step], earlier: [RunRecord]) -> FeatureVector {
        let known = EarlierRuns(of: run, among: earlier)
        let context = run.context
        let requested = run.requested
        var features: [Feature] = []
        func add(_ name: String, _ value: Double?) {
            features.append(Feature(name: name, value: value.flatMap { $0.isFinite ? $0 : nil }))
        }
        add("prior_runs", Double(known.runs.count))
        add("minutes_since_last_run", known.runs.last.map { run.startedAt.seconds(since: $0.run.startedAt) / 60 })
        add("last_duration_s", known.durations.last)
        add("mean_duration_s", known.durations.mean)
        add("max_duration_s", known.durations.max())
        add("last_peak_memory_gb", known.peaksGiB.last)
        add("mean_peak_memory_gb", known.peaksGiB.mean)
        add("max_peak_memory_gb", known.peaksGiB.max())
        add("q90_peak_memory_gb", Quantile.interpolated(0.9, ofSorted: known.peaksGiB.sorted()))
        add("mean_cpu_s", known.cpuSeconds.mean)
        add("mean_cores_used", known.coresUsed.mean)
        add("oom_rate", known.rate(of: \.wasOOMKilled))
        add("failure_rate", known.rate(of: \.hasFailed))
        add("stated_peak_memory_gb", context.statedPeakMemoryBytes.map(Units.gib(bytes:)))
        add("stated_duration_s", context.durationSeconds)
        add("stated_cost_usd", context.costUSD)
        add("cache_hit_ratio", context.cacheHitRatio ?? known.cacheHitRatio)
        add("cache_state", context.cacheState.map(Self.code))
        add("branch_class", Self.code(BranchClass(branch: context.branch ?? run.branch)))
        add("changed_files_log", context.changedFiles.map { log1p(Double(max(0, $0))) })
        add("changed_lines_log", context.changedLines.map { log1p(Double(max(0, $0))) })
        add("num_steps", context.stepCount.map(Double.init) ?? known.stepCounts.last)
        add("avg_step_duration_s", context.averageStepSeconds ?? known.stepSeconds.mean)
        add("requested_concurrency", requested.jobs.map(Double.init))
        add("requested_cpu", requested.cpuMillicores.map(Units.cores(millicores:)))
        add("requested_mem_gb", requested.memoryBytes.map(Units.gib(bytes:)))
        add("io_read_gb", context.ioReadBytes.map(Units.gib(bytes:)) ?? known.readGiB.mean)
        add("io_write_gb", context.ioWriteBytes.map(Units.gib(bytes:)) ?? known.writtenGiB.mean)
        add("hour_of_day", Double(run.startedAt.hourOfDay))
        add("day_of_week", Double(run.startedAt.dayOfWeek))
        return FeatureVector(features: features)
    }

    /// 0 cold, 1 partial, 2 warm.
    private static func code(_ state: CacheState) -> Double {
        switch state {
        case .cold: 0
        case .partial: 1
        case .warm: 2
        }
    }

    /// 0 main, 1 feature, 2 release.
    private static func code(_ branch: BranchClass) -> Double {
        switch branch {
        case .main: 0
        case .feature: 1
        case .release: 2
        }
    }
}
