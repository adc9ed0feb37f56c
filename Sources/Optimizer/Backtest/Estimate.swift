/// A number with the interval that holds it in 95 % of resamples.
public struct Estimate: Hashable, Sendable, Codable {
    public var value: Double
    public var low: Double
    public var high: Double

    /// - Parameter resampled: in any order; none leaves the value alone.
    init(_ value: Double, resampled: [Double]) {
        self.value = value
        let sorted = resampled.filter(\.isFinite).sorted()
        let tail = (1 - BlockBootstrap.confidence) / 2
        low = Quantile.interpolated(tail, ofSorted: sorted) ?? value
        high = Quantile.interpolated(1 - tail, ofSorted: sorted) ?? value
    }

    /// True when zero lies outside of the interval.
    public var isCertain: Bool { low > 0 || high < 0 }
}
