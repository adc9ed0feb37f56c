/// Latencies counted in buckets, as Prometheus wants them.
struct LatencyHistogram: Hashable, Sendable {
    /// Upper bounds in seconds: from a cached answer to the request timeout, about ×2.5 apart.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// Observations in each bucket alone; the last is beyond all bounds.
    private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    private(set) var sumSeconds = 0.0

    mutating func observe(_ seconds: Double) {
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sumSeconds += seconds
    }
}
