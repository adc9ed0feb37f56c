/// How long to wait before connecting again: twice as long each time, less a share of chance, which keeps servers that
/// lost the same Redis from coming back in step.
struct ReconnectPause: Sendable {
    private let first: Double
    private let longest: Double
    private var next: Double

    init(_ limits: RedisLimits) {
        first = limits.firstPauseSeconds
        longest = limits.longestPauseSeconds
        next = first
    }

    /// Seconds to wait now.
    ///
    /// - Parameter chance: 0 to 1; what lies between half the pause and the whole.
    mutating func seconds(chance: Double = .random(in: 0...1)) -> Double {
        defer { next = min(next * 2, longest) }
        return next * (0.5 + chance / 2)
    }

    /// The connection held.
    mutating func reset() { next = first }
}
