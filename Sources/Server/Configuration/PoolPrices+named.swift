import Optimizer

extension PoolPrices {
    /// US dollars an hour of one core or one GiB may cost.
    private static let range = 0...1e6

    /// `spot=0.0121/0.0013`: prices by the name of the pool, `worker_pool` of a context.
    ///
    /// - Throws: ``ConfigurationError`` naming the entry that is none, or that comes twice.
    static func named(_ entries: [String]) throws(ConfigurationError) -> [String: PoolPrices] {
        var prices: [String: PoolPrices] = [:]
        for entry in entries where !entry.isEmpty {
            // The name may hold an equals sign; prices do not.
            guard let separator = entry.lastIndex(of: "="), separator > entry.startIndex else { throw malformed(entry) }
            let numbers = entry[entry.index(after: separator)...].split(
                separator: "/", omittingEmptySubsequences: false
            ).compactMap { Double($0) }.filter(range.contains)
            guard numbers.count == 2, entry.count(where: { $0 == "/" }) >= 1 else { throw malformed(entry) }
            let name = String(entry[..<separator])
            guard prices[name] == nil else {
                throw ConfigurationError(key: "pool-prices", "names the pool '\(name)' twice")
            }
            prices[name] = PoolPrices(cpuPerCoreHourUSD: numbers[0], memoryPerGiBHourUSD: numbers[1])
        }
        return prices
    }

    private static func malformed(_ entry: String) -> ConfigurationError {
        ConfigurationError(
            key: "pool-prices",
            "must list POOL=CPU/MEMORY in dollars an hour, such as spot=0.0121/0.0013; is '\(entry)'")
    }
}
