/// Pauses that double from one failure to the next, each drawn from the upper half so that many agents which lost the
/// same server do not come back together.
struct RetrySchedule: Hashable, Sendable {
    var firstSeconds: Double
    var longestSeconds: Double
    private(set) var failures = 0

    init(firstSeconds: Double, longestSeconds: Double) {
        self.firstSeconds = firstSeconds
        self.longestSeconds = longestSeconds
    }

    /// - Parameter chance: in 0..<1.
    /// - Returns: how long to wait now.
    mutating func fail(chance: Double) -> Double {
        let pause = min(longestSeconds, firstSeconds * Double(UInt64(1) << UInt64(min(failures, 30))))
        failures += 1
        return pause * (0.5 + chance / 2)
    }

    mutating func succeed() { failures = 0 }
}
