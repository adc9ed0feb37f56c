/// Scores limits on one history; draws its resamples once, so that all policies see the same.
struct Scoring: Sendable {
    private let history: RecordedHistory
    private let prices: Prices
    let scored: ScoredBuilds
    private let bootstrap: BlockBootstrap

    init(_ history: RecordedHistory, prices: Prices, seed: UInt64) {
        self.history = history
        self.prices = prices
        scored = ScoredBuilds(history)
        bootstrap = BlockBootstrap(count: scored.indices.count, seed: seed)
    }

    /// One policy's sums, over all builds that count and over each resample.
    struct Totals: Sendable {
        var all: BuildCosts
        var resampled: [BuildCosts]

        func estimate(_ value: (BuildCosts) -> Double) -> Estimate {
            Estimate(value(all), resampled: resampled.map(value))
        }
    }

    func totals(_ limits: [Double]) -> Totals {
        var prefixes = [BuildCosts()]
        prefixes.reserveCapacity(scored.indices.count + 1)
        var sum = BuildCosts()
        for index in scored.indices {
            sum =
                sum
                + BuildCosts(
                    history.builds[index], limitGiB: limits[index], capGiB: history.memoryCapGiB, prices: prices)
            prefixes.append(sum)
        }
        return Totals(all: sum, resampled: bootstrap.sums(ofPrefixes: prefixes))
    }

    func score(_ limits: [Double], totals: Totals) -> PolicyScore {
        let ratios = scored.indices.map { limits[$0] / history.builds[$0].result.peakGiB }
        return PolicyScore(
            killed: totals.estimate(\.killShare), allocatedToUsed: totals.estimate(\.allocatedToUsed),
            wasteToUsed: totals.estimate(\.wasteToUsed),
            medianRatio: Estimate(
                Quantile.interpolated(0.5, ofSorted: ratios.sorted()) ?? 0,
                resampled: bootstrap.medians(of: ratios)),
            reservedGiBHours: totals.estimate(\.reserved), wallHours: totals.estimate(\.wallHours),
            costUSD: totals.estimate(\.dollars),
            killedBySize: scored.classes.map { killedShare($0, limits) },
            killedAtFirst: killedShare(scored.first, limits))
    }

    private func killedShare(_ indices: [Int], _ limits: [Double]) -> Double? {
        guard !indices.isEmpty else { return nil }
        let killed = indices.count { limits[$0] < history.builds[$0].result.peakGiB }
        return Double(killed) / Double(indices.count)
    }

    func comparison(_ ours: Totals, with theirs: Totals, named rival: String) -> PolicyComparison {
        func paired(_ difference: (BuildCosts, BuildCosts) -> Double) -> Estimate {
            Estimate(
                difference(ours.all, theirs.all), resampled: zip(ours.resampled, theirs.resampled).map(difference))
        }
        func excess(_ ours: Double, _ theirs: Double) -> Double { theirs > 0 ? ours / theirs - 1 : 0 }
        return PolicyComparison(
            rival: rival,
            killed: paired { $0.killShare - $1.killShare },
            allocated: paired { excess($0.allocatedToUsed, $1.allocatedToUsed) },
            waste: paired { excess($0.wasteToUsed, $1.wasteToUsed) },
            cost: paired { excess($0.dollars, $1.dollars) })
    }
}
