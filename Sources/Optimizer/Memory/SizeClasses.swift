/// Four classes of builds by expected memory: the smaller half, up to 75 %, up to 90 %, the largest tenth. Each has its
/// own calibration, for the largest builds miss most and matter most.
struct SizeClasses: Hashable, Codable, Sendable {
    static let count = 4
    private static let quantiles = [0.5, 0.75, 0.9]
    /// Runs between two computations of the boundaries.
    private static let refreshInterval = 50

    private var expectations = RecentValues<Double>(capacity: 1000)
    /// Boundaries in GiB; none before the first fifty runs.
    private var boundaries: [Double] = []

    /// Class of a build that is expected to need `expected` GiB; `nil` while there are no boundaries.
    func index(of expected: Double) -> Int? {
        boundaries.isEmpty ? nil : boundaries.count { $0 <= expected }
    }

    /// - Parameter runs: runs learned so far, this one included.
    mutating func learn(expected: Double, runs: Int) {
        expectations.append(expected)
        guard runs % Self.refreshInterval == 0 else { return }
        let sorted = expectations.elements.sorted()
        boundaries = Self.quantiles.map { Quantile.interpolated($0, ofSorted: sorted) ?? 0 }
    }
}

/// Empirical quantiles.
enum Quantile {
    /// The `share`-quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan, the default
    /// of NumPy and R); `nil` for no values.
    static func interpolated(_ share: Double, ofSorted values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let position = share * Double(values.count - 1)
        let lower = Int(position)
        guard lower + 1 < values.count else { return values[values.count - 1] }
        return values[lower] + (position - Double(lower)) * (values[lower + 1] - values[lower])
    }
}
