import Builds

/// What settings somebody thinks of would lead to.
public struct Forecast: Hashable, Sendable {
    /// Jobs, CPU and memory, all stated.
    public var settings: Settings
    /// Elapsed seconds at the median, and what nine of ten runs stay below; `nil` where no run had a known duration.
    public var durationSecondsP50: Double?
    public var durationSecondsP90: Double?
    /// The memory is too small for at most this share of the runs; `nil` when it is more likely than not.
    public var oomRisk: Double?
    /// US dollars at the median duration.
    public var costUSD: Double?
    /// True when jobs or cores are more than doubled or halved against everything that ran: a guess.
    public var isExtrapolated: Bool
}

/// What could be chosen for a step, and what it rests on. Asking changes nothing: no recommendation is made.
public struct WhatIf: Sendable {
    /// What the step would get now.
    public var recommendation: Recommendation
    /// The recommended settings, and those that were asked about; equal when none were.
    public var recommended: Forecast
    public var asked: Forecast
    /// The settings in force without InfraMind; `nil` when nobody said.
    public var baseline: Forecast?
    /// The settings that were asked about with other jobs, from one to twice as many; the fewest first.
    public var byJobs: [Forecast]
    /// How much memory keeps each OOM risk at the jobs that were asked about; the largest risk first.
    public var memoryByRisk: [MemoryForRisk]
    /// Finished runs, and those with known timing, of the step that has the fewest.
    public var runs: Int
    public var timedRuns: Int
    /// Peaks of the kept runs of the step that needs the most memory, in bytes, oldest first.
    public var recentPeaks: [Int64]

    public struct MemoryForRisk: Hashable, Sendable {
        /// Share of the runs that need more than ``memoryBytes``.
        public var risk: Double
        public var memoryBytes: Int64
    }
}
