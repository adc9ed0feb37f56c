/// What builds cost under one policy. Adds up: the costs of many builds are the sum of those of each.
struct BuildCosts: Hashable, Sendable {
    var builds = 0.0
    /// Builds whose first attempt was killed.
    var kills = 0.0
    /// Peak memory times duration, GiB·h: what no policy can do without.
    var used = 0.0
    /// First limit times duration, GiB·h.
    var allocated = 0.0
    /// Limits of all attempts times duration, GiB·h; a killed attempt counts in full.
    var reserved = 0.0
    /// Duration of all attempts.
    var seconds = 0.0
    /// US dollars of all attempts.
    var dollars = 0.0

    init() {}

    /// - Parameter prices: cores count where the jobs of a build are known, one for each.
    init(_ build: RecordedBuild, limitGiB: Double, capGiB: Double, prices: Prices) {
        let seconds = build.result.wallSeconds
        let hours = seconds / 3600
        let attempts = SizedAttempt.all(firstLimitGiB: limitGiB, peakGiB: build.result.peakGiB, capGiB: capGiB)
        let limits = attempts.reduce(0) { $0 + $1.limitGiB }
        builds = 1
        kills = attempts.count > 1 ? 1 : 0
        used = build.result.peakGiB * hours
        allocated = limitGiB * hours
        reserved = limits * hours
        self.seconds = seconds * Double(attempts.count)
        let cores = Double(build.question.jobs ?? 0)
        dollars = self.seconds * prices.perSecond(cores: cores, memoryGiB: 0) + seconds * limits * prices.gibSecondUSD
    }

    static func + (a: BuildCosts, b: BuildCosts) -> BuildCosts { combine(a, b, +) }
    static func - (a: BuildCosts, b: BuildCosts) -> BuildCosts { combine(a, b, -) }

    private static func combine(
        _ a: BuildCosts, _ b: BuildCosts, _ combine: (Double, Double) -> Double
    ) -> BuildCosts {
        var result = BuildCosts()
        result.builds = combine(a.builds, b.builds)
        result.kills = combine(a.kills, b.kills)
        result.used = combine(a.used, b.used)
        result.allocated = combine(a.allocated, b.allocated)
        result.reserved = combine(a.reserved, b.reserved)
        result.seconds = combine(a.seconds, b.seconds)
        result.dollars = combine(a.dollars, b.dollars)
        return result
    }

    var killShare: Double { kills / max(builds, 1) }
    /// First limits over what was used.
    var allocatedToUsed: Double { allocated / max(used, .leastNormalMagnitude) }
    /// What was reserved and not used, retries included, over what was used.
    var wasteToUsed: Double { (reserved - used) / max(used, .leastNormalMagnitude) }
    /// GiB·h held, retries included.
    var wallHours: Double { seconds / 3600 }
}
