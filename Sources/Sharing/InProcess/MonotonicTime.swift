/// Reads a clock that never goes back. Tests give one they move by hand.
typealias MonotonicTime = @Sendable () -> ContinuousClock.Instant

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
