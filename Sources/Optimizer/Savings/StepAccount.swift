import Builds

/// What one attempt of a step was given, used and cost: an entry of an account over many.
///
/// The one place of these rules: `/metrics` and the sums of the dashboard add up the same entries.
///
/// - *Given* is what the attempt says it was given, within what machines have; without a CPU limit, the cores of its node.
/// - *Used* is at most what was given. What a step took beyond was neither reserved nor paid for.
/// - *Unused* is the rest. Both sides are counted only where both are known.
/// - A killed attempt is lost as a whole: what it was given was neither used nor left unused, and what it cost is the cost of
///   the kill. A dollar is never both unused and lost.
public struct StepAccount: Hashable, Sendable {
    /// How the attempt ended, as far as money goes.
    public enum Ending: String, Hashable, Sendable, CaseIterable {
        case finished
        /// Failed, cancelled or timed out.
        case cutShort = "cut_short"
        case oomKilled = "oom_killed"
    }

    /// A resource over time. Both sides are known, so that their sums can be divided.
    public struct Consumption: Hashable, Sendable {
        public var asked: Double
        /// At most ``asked``.
        public var used: Double

        init(asked: Double, used: Double) {
            self.asked = asked
            self.used = min(asked, used)
        }
    }

    public var ending: Ending
    /// Byte-seconds of the limit and of the peak; `nil` when one is unknown, and for killed attempts.
    public var memory: Consumption?
    /// Core-seconds given and used; `nil` when one is unknown, and for killed attempts.
    public var cpu: Consumption?
    /// US dollars for the cores and the memory it was given, as long as it ran.
    public var cpuCostUSD: Double?
    public var memoryCostUSD: Double?
    /// The part of each that was paid for what nobody used; `nil` where that is not known, and for killed attempts.
    public var cpuUnusedUSD: Double?
    public var memoryUnusedUSD: Double?
    /// The probability of an OOM kill it was sized for; `nil` when its memory was not what we recommended, and for
    /// attempts after the first.
    public var promisedRisk: Double?
    public var throttledSeconds: Double
    /// Compilations that a compiler cache answered, and those it did not know.
    public var cacheHits: Int64
    public var cacheMisses: Int64

    /// - Parameter ticket: the outcome is learned with this one.
    public init(_ outcome: Outcome, _ ticket: Ticket, configuration: OptimizerConfiguration) {
        ending =
            switch outcome.ending {
            case .finished: .finished
            case .oomKilled: .oomKilled
            case .cutShort: .cutShort
            }
        promisedRisk = Self.promisedRisk(outcome, ticket)
        throttledSeconds = outcome.usage.throttledSeconds?.ifPositive ?? 0
        cacheHits = max(0, outcome.usage.cacheHits ?? 0)
        cacheMisses = max(0, outcome.usage.cacheMisses ?? 0)
        guard let seconds = outcome.wallSeconds else { return }
        let (cores, memoryGiB) = (outcome.statedCores, outcome.statedMemoryGiB)
        let prices = configuration.prices(pool: outcome.context.workerPool)
        cpuCostUSD = cores.map { $0 * prices.coreSecondUSD * seconds }
        memoryCostUSD = memoryGiB.map { $0 * prices.gibSecondUSD * seconds }
        if ending == .oomKilled { return }
        if let memoryGiB, let peak = outcome.peakGiB {
            let gibSeconds = Consumption(asked: memoryGiB * seconds, used: peak * seconds)
            memoryUnusedUSD = (gibSeconds.asked - gibSeconds.used) * prices.gibSecondUSD
            let bytes = Double(Units.bytes(gib: 1))
            memory = Consumption(asked: gibSeconds.asked * bytes, used: gibSeconds.used * bytes)
        }
        if let cores, let work = outcome.workSeconds {
            let coreSeconds = Consumption(asked: cores * seconds, used: work)
            cpuUnusedUSD = (coreSeconds.asked - coreSeconds.used) * prices.coreSecondUSD
            cpu = coreSeconds
        }
    }

    /// US dollars for all it was given, as far as that is known.
    public var costUSD: Double { (cpuCostUSD ?? 0) + (memoryCostUSD ?? 0) }

    /// The part of ``costUSD`` that was paid for what nobody used.
    public var unusedUSD: Double { (cpuUnusedUSD ?? 0) + (memoryUnusedUSD ?? 0) }

    /// Who gives a step less memory than it was told, or none of its own, has no promise; nor has the control arm, which
    /// keeps what was declared.
    private static func promisedRisk(_ outcome: Outcome, _ ticket: Ticket) -> Double? {
        guard outcome.attempt == 1, ticket.mode != .observed, ticket.mode != .control,
            let given = outcome.statedMemoryGiB, given >= ticket.memoryGiB * (1 - Self.rounding)
        else { return nil }
        return ticket.memory.risk
    }

    /// Clients that round memory to what their platform takes still gave what they were told.
    private static let rounding = 0.01
}
