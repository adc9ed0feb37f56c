/// How the optimizer is set up for a tenant. Every value has a default that needs no thought.
public struct OptimizerConfiguration: Hashable, Sendable, Codable {
    /// Accepted probability of an OOM kill per run, in (0, 0.5], unless a request states its own.
    public var oomRisk = 0.02
    /// Share of decisions that may try another configuration inside the safe set, 0 to 1. About half of them end up
    /// where they would have been anyway.
    public var explorationRate = 0.15
    /// Share of runs that keep the declared baseline, so that savings can be measured; 0 to 1, 0 switches it off. Each
    /// forgoes what is saved, so this share of all savings is the price of knowing them. At one in fifty, 1,500 runs give
    /// the thirty that a claim needs.
    public var controlRate = 0.02
    /// US dollars for one core for an hour; the list price of a large cloud's containers.
    public var cpuPricePerCoreHourUSD = 0.04048
    /// US dollars for one GiB for an hour, from the same list.
    public var memoryPricePerGiBHourUSD = 0.004445
    /// Prices of the pools that cost something else, by the `worker_pool` of a context.
    public var poolPrices: [String: PoolPrices] = [:]
    /// Seconds after which a recommendation should not be followed any more.
    public var recommendationLifetimeSeconds = 86_400.0
    /// Expected peak of a build nothing at all is known about, GiB.
    public var defaultMemoryGiB = 2.0
    /// Whether an answer tells what the learned model goes by (SHAP values). This takes half as long as the decision.
    public var explainsLearnedPart = true
    /// No limit is set above this from history alone, GiB.
    public var memoryCapGiB = 256.0

    public init() {}
}

/// What the machines of one pool cost.
public struct PoolPrices: Hashable, Sendable, Codable {
    /// US dollars for one core for an hour.
    public var cpuPerCoreHourUSD: Double
    /// US dollars for one GiB for an hour.
    public var memoryPerGiBHourUSD: Double

    public init(cpuPerCoreHourUSD: Double, memoryPerGiBHourUSD: Double) {
        self.cpuPerCoreHourUSD = cpuPerCoreHourUSD
        self.memoryPerGiBHourUSD = memoryPerGiBHourUSD
    }
}

extension OptimizerConfiguration {
    /// An hour of anything that is paid by the hour costs less than this, US dollars.
    private static let plausiblePrices = 0...1e6

    /// The same with every value in the range in which the formulas hold; a configuration file may say anything.
    var bounded: OptimizerConfiguration {
        var bounded = self
        bounded.oomRisk = oomRisk.clamped(to: AcceptedRisk.range)
        bounded.explorationRate = explorationRate.clamped(to: 0...1)
        bounded.controlRate = controlRate.clamped(to: 0...1)
        bounded.recommendationLifetimeSeconds = recommendationLifetimeSeconds.clamped(to: 1...1e9)
        bounded.defaultMemoryGiB = defaultMemoryGiB.clamped(to: MemoryModel.smallestLimitGiB...4096)
        bounded.memoryCapGiB = memoryCapGiB.clamped(to: MemoryModel.smallestLimitGiB...4096)
        return bounded
    }

    /// What a core and a GiB cost for an hour in a pool; of a pool without prices of its own, and of none, what they
    /// usually cost.
    public func hourlyPrices(pool: String?) -> PoolPrices {
        let prices = prices(pool: pool)
        return PoolPrices(
            cpuPerCoreHourUSD: prices.coreSecondUSD * 3600, memoryPerGiBHourUSD: prices.gibSecondUSD * 3600)
    }

    /// What machines cost where no pool is named.
    var prices: Prices { prices(pool: nil) }

    /// What machines of a pool cost; of a pool without prices of its own, and of none, what machines usually cost.
    func prices(pool: String?) -> Prices {
        let own = pool.flatMap { poolPrices[$0] }
        let core = (own?.cpuPerCoreHourUSD ?? cpuPricePerCoreHourUSD).clamped(to: Self.plausiblePrices)
        let gib = (own?.memoryPerGiBHourUSD ?? memoryPricePerGiBHourUSD).clamped(to: Self.plausiblePrices)
        return Prices(coreSecondUSD: core / 3600, gibSecondUSD: gib / 3600)
    }
}

/// The OOM risks that can be asked for.
enum AcceptedRisk {
    /// Below one in 10,000, no history of a CI is long enough to tell; above one in two, a limit is no limit.
    static let range = 0.0001...0.5
}
