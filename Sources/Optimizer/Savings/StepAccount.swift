import Builds

/// What one attempt of a step was given, used and cost: an entry of an account over many.
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
        public var used: Double
    }

    public var ending: Ending
    /// Byte-seconds of the limit and of the peak; `nil` when one is unknown, and for killed attempts, whose peak is the limit.
    public var memory: Consumption?
    /// Core-seconds given and used.
    public var cpu: Consumption?
    /// US dollars for the cores and the memory it was given, as long as it ran.
    public var cpuCostUSD: Double?
    public var memoryCostUSD: Double?
    /// The probability of an OOM kill it was sized for; `nil` when its memory was not what we recommended, and for
    /// attempts after the first.
    public var promisedRisk: Double?

    /// - Parameter ticket: the outcome is learned with this one.
    public init(_ outcome: Outcome, _ ticket: Ticket, configuration: OptimizerConfiguration) {
        ending =
            switch outcome.ending {
            case .finished: .finished
            case .oomKilled: .oomKilled
            case .cutShort: .cutShort
            }
        promisedRisk = Self.promisedRisk(outcome, ticket)
        guard let seconds = outcome.wallSeconds else { return }
        let memoryGiB = outcome.statedMemoryGiB
        if let memoryGiB, let peak = outcome.peakGiB, ending != .oomKilled {
            let bytes = Double(Units.bytes(gib: 1)) * seconds
            memory = Consumption(asked: memoryGiB * bytes, used: peak * bytes)
        }
        if let cores = outcome.statedCores, let work = outcome.workSeconds {
            cpu = Consumption(asked: cores * seconds, used: work)
        }
        let prices = configuration.prices(pool: outcome.context.workerPool)
        cpuCostUSD = outcome.statedCores.map { $0 * prices.coreSecondUSD * seconds }
        memoryCostUSD = memoryGiB.map { $0 * prices.gibSecondUSD * seconds }
    }

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
