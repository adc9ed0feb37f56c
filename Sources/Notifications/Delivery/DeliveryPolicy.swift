import Builds

/// How patiently, and how often, a destination is told.
public struct DeliveryPolicy: Hashable, Sendable {
    /// Seconds in which what says the same is counted, not told.
    public var repeatSeconds = 1800.0
    /// Seconds between two messages. Slack takes one a second.
    public var shortestIntervalSeconds = 1.0
    /// Tries of one message before it is given up.
    public var attempts = 12
    /// Seconds after which nobody wants to know any more; what is older when it is heard of, such as an import, is not
    /// told at all.
    public var longestAgeSeconds = 86_400.0

    /// Seconds after which another may take over from a server that was sending: longer than any exchange takes.
    static let leaseSeconds = 60.0
    /// Between 429 and the next try at most, whatever the receiver says.
    static let longestThrottleSeconds = 3600.0
    private static let firstPauseSeconds = 2.0
    private static let longestPauseSeconds = 600.0

    public init() {}

    /// Doubles from 2 s to 10 min; half of it is chance, so that servers that failed together do not come back together.
    /// Twelve tries are about forty minutes.
    ///
    /// - Parameters:
    ///   - failures: in a row, 1 or more.
    ///   - chance: 0 to 1.
    static func pauseSeconds(failures: Int, chance: Double) -> Double {
        let doublings = min(max(failures, 1) - 1, 20)
        let pause = min(firstPauseSeconds * Double(1 << doublings), longestPauseSeconds)
        return pause / 2 + pause / 2 * min(max(chance, 0), 1)
    }
}
