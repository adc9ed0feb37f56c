import Builds

/// What the dashboard looks at: sums over weeks, kept when a run is learned, so that no page adds up runs. Part of
/// ``Store``; its promises hold here, too.
///
/// Every method returns a page that is read in the order of an index: what it costs follows from what it returns, not from
/// what is kept.
public protocol UsageStore: Sendable {
    /// The weeks of a pipeline (of all of them together when `nil`) before the week `before` (all when `nil`), newest first;
    /// `limit` 1 to 1000.
    func usageWeeks(of pipeline: String?, before week: Week?, limit: Int, tenant: TenantID) async throws -> [UsageWeek]

    /// Pipelines that ran in a week, those with the most unused money first, after the one at `position`; `limit` 1 to 1000.
    func pipelines(
        byUnusedIn week: Week, after position: UnusedPosition?, limit: Int, tenant: TenantID
    ) async throws -> [UsageWeek]

    /// Pipelines in the order of their names, from `name` on (from the first when `nil`); `limit` 1 to 1000.
    ///
    /// - Parameter includingFirst: whether the pipeline called `name` is one of them.
    func pipelines(
        from name: String?, includingFirst: Bool, limit: Int, tenant: TenantID
    ) async throws -> [StoredPipeline]

    /// The pipeline of that name; `nil` before its first run was learned.
    func pipeline(_ name: String, tenant: TenantID) async throws -> StoredPipeline?

    /// Lessons of attempts that ran out of memory, before the one numbered `number` (all when `nil`), of one pipeline or of
    /// all, newest first; `limit` 1 to 1000.
    func oomKills(
        of pipeline: String?, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [StoredLesson]

    /// The recommendations that the runs followed which ``Store/runs(of:before:limit:tenant:)`` returns for the same page.
    func recommendations(
        ofRunsOf pipeline: String, before number: Int64?, limit: Int, tenant: TenantID
    ) async throws -> [String: Recommendation]
}

/// A week in UTC, from Monday to Sunday, counted from the one that holds 1970-01-01.
public struct Week: Hashable, Comparable, Sendable {
    public var number: Int64

    public init(number: Int64) { self.number = number }

    /// The week that holds `time`.
    public init(_ time: Timestamp) {
        // 1970-01-01 was a Thursday: its week began three days before.
        let days = Int64((time.seconds / 86_400).rounded(.down)) + 3
        number = days >= 0 ? days / 7 : (days - 6) / 7
    }

    /// Monday, 00:00.
    public var start: Timestamp { Timestamp(seconds: Double(number * 7 - 3) * 86_400) }

    public static func < (a: Week, b: Week) -> Bool { a.number < b.number }

    /// The week so many weeks later.
    public func advanced(by weeks: Int64) -> Week { Week(number: number + weeks) }
}

/// What one run adds to the sums of its week.
public struct RunUsage: Hashable, Sendable {
    public var week: Week
    public var figures: UsageFigures

    public init(week: Week, figures: UsageFigures) {
        self.week = week
        self.figures = figures
    }
}

/// The sums of a week. All are sums, so figures of two weeks or of two pipelines can be added.
public struct UsageFigures: Hashable, Sendable {
    /// Runs that are over.
    public var runs = 0.0
    /// Those of them that did not succeed.
    public var failedRuns = 0.0
    /// Runs of which a step ran out of memory.
    public var oomRuns = 0.0
    public var durationSeconds = 0.0
    /// Runs that followed a recommendation, those of them that ran out of memory, and how many of them were expected to:
    /// the sum of the probabilities that were promised.
    public var followedRuns = 0.0
    public var followedOOMRuns = 0.0
    public var promisedOOMRuns = 0.0
    /// Memory that was reserved, and of that the peaks that were used, times the seconds of the steps; steps of which both
    /// are known and that were not killed.
    public var memoryAskedGiBSeconds = 0.0
    public var memoryUsedGiBSeconds = 0.0
    /// Core seconds that were reserved and used; the same of cores.
    public var coreAskedSeconds = 0.0
    public var coreUsedSeconds = 0.0
    /// What the steps cost, US dollars: what was reserved, at the prices of the day they were learned.
    public var costUSD = 0.0
    /// The part of ``costUSD`` that was paid for what nobody used.
    public var unusedUSD = 0.0
    /// The part of ``costUSD`` of attempts that ran out of memory.
    public var oomUSD = 0.0
    /// Of the runs that followed a recommendation with a known baseline: what the baseline would have cost by the model, and
    /// what they cost.
    public var baselineUSD = 0.0
    public var againstBaselineUSD = 0.0
    public var cacheHits = 0.0
    public var cacheMisses = 0.0

    public init() {}

    public static func + (a: UsageFigures, b: UsageFigures) -> UsageFigures {
        var sum = a
        for field in fields { sum[keyPath: field.path] += b[keyPath: field.path] }
        return sum
    }

    /// The name of each column, and where it is kept.
    static let fields: [(column: String, path: WritableKeyPath<UsageFigures, Double> & Sendable)] = [
        ("runs", \.runs), ("failed_runs", \.failedRuns), ("oom_runs", \.oomRuns),
        ("duration_seconds", \.durationSeconds), ("followed_runs", \.followedRuns),
        ("followed_oom_runs", \.followedOOMRuns), ("promised_oom_runs", \.promisedOOMRuns),
        ("memory_asked_gib_seconds", \.memoryAskedGiBSeconds), ("memory_used_gib_seconds", \.memoryUsedGiBSeconds),
        ("core_asked_seconds", \.coreAskedSeconds), ("core_used_seconds", \.coreUsedSeconds), ("cost_usd", \.costUSD),
        ("unused_usd", \.unusedUSD), ("oom_usd", \.oomUSD), ("baseline_usd", \.baselineUSD),
        ("against_baseline_usd", \.againstBaselineUSD), ("cache_hits", \.cacheHits), ("cache_misses", \.cacheMisses),
    ]
}

/// A pipeline's sums of one week; ``pipeline`` is empty for all pipelines together.
public struct UsageWeek: Hashable, Sendable {
    public var pipeline: String
    public var week: Week
    public var figures: UsageFigures

    public init(pipeline: String, week: Week, figures: UsageFigures) {
        self.pipeline = pipeline
        self.week = week
        self.figures = figures
    }
}

/// Where a page of ``UsageStore/pipelines(byUnusedIn:after:limit:tenant:)`` ended.
public struct UnusedPosition: Hashable, Sendable {
    public var unusedUSD: Double
    public var pipeline: String

    public init(unusedUSD: Double, pipeline: String) {
        self.unusedUSD = unusedUSD
        self.pipeline = pipeline
    }
}

/// A pipeline with the run of it that was learned last.
public struct StoredPipeline: Hashable, Sendable {
    public var name: String
    public var runs: Int64
    public var oomRuns: Int64
    public var lastRunID: RunID
    public var lastStatus: RunStatus
    public var lastStartedAt: Timestamp

    public init(
        name: String, runs: Int64, oomRuns: Int64, lastRunID: RunID, lastStatus: RunStatus, lastStartedAt: Timestamp
    ) {
        self.name = name
        self.runs = runs
        self.oomRuns = oomRuns
        self.lastRunID = lastRunID
        self.lastStatus = lastStatus
        self.lastStartedAt = lastStartedAt
    }
}
