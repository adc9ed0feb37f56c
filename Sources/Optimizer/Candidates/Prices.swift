/// What a machine costs.
struct Prices: Hashable, Codable, Sendable {
    /// US dollars for one core, and one GiB, for one second.
    var coreSecondUSD: Double
    var gibSecondUSD: Double

    func perSecond(cores: Double, memoryGiB: Double) -> Double { cores * coreSecondUSD + memoryGiB * gibSecondUSD }
}

/// What the caller wants, in the units of a mean run: both weights are per unit of what a mean run takes.
struct ObjectiveRates: Hashable, Codable, Sendable {
    /// Objective per second and per dollar.
    var perSecond: Double
    var perDollar: Double

    /// - Parameters:
    ///   - referenceSeconds: duration of a mean run.
    ///   - referenceDollars: its cost.
    init(timeWeight: Double, costWeight: Double, referenceSeconds: Double, referenceDollars: Double) {
        perSecond = timeWeight / referenceSeconds
        perDollar = costWeight / referenceDollars
    }
}
