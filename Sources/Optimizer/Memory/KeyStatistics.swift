/// What the memory model knows about one key: running mean and error variance of its normalised peaks (peak divided by
/// the configuration factor), and the newest of them.
struct KeyStatistics: Hashable, Codable, Sendable {
    /// Rate below which the running mean does not fall: about the last 13 runs count, so a changed build is followed.
    static let meanRate = 0.15
    /// The same for the variance; slower, for a spread needs more runs than a level.
    static let varianceRate = 0.05
    /// Peaks kept: enough for a maximum that is worth a margin, few enough that old habits go.
    static let windowLength = 50

    private(set) var count = 0
    /// GiB.
    private(set) var mean = 0.0
    /// Mean squared one-step error, GiB².
    private(set) var variance = 0.0
    private(set) var window = RecentValues<Double>(capacity: windowLength)

    /// - Parameters:
    ///   - peak: normalised peak, GiB.
    ///   - error: normalised peak minus what had been expected, GiB.
    mutating func learn(peak: Double, error: Double) {
        count += 1
        window.append(peak)
        mean += max(Self.meanRate, 1 / Double(count)) * (peak - mean)
        variance += max(Self.varianceRate, 1 / Double(count)) * (error * error - variance)
    }

    /// Largest of the kept peaks; `nil` before the first.
    var maximum: Double? { window.elements.max() }

    /// Last, largest and 90 % quantile of the kept peaks; `nil` before the first.
    var summary: (last: Double, maximum: Double, quantile90: Double)? {
        let sorted = window.elements.sorted()
        guard let last = window.last, let maximum = sorted.last else { return nil }
        return (last, maximum, sorted[Int((0.9 * Double(sorted.count)).rounded(.up)) - 1])
    }
}
