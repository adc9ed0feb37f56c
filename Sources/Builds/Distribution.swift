/// Observations counted in buckets, as Prometheus wants them.
public struct Distribution: Hashable, Sendable {
    /// Upper bounds, ascending, each part of its bucket; above the last there is one more bucket.
    public let bounds: [Double]
    /// Observations in each bucket alone, one more than there are bounds.
    public private(set) var counts: [Int64]
    public private(set) var sum = 0.0

    public init(bounds: [Double]) {
        self.bounds = bounds
        counts = [Int64](repeating: 0, count: bounds.count + 1)
    }

    public mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}
