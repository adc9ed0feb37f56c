import Glibc

/// The last scores of one expert, and the margin that covers all but a share of the next ones.
///
/// Conformal prediction: if the scores are exchangeable, the k + 1st lies below the ⌈(1 − a)(k + 1)⌉-th smallest of the
/// first k with probability 1 − a at least. Where fewer than ten scores lie beyond that rank, an exponential tail fitted
/// to the largest ones takes over, so that a rare risk can be priced from few runs.
struct RollingScores: Hashable, Sendable {
    private(set) var capacity: Int
    private var newest: [Double] = []
    private var sorted: [Double] = []

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { sorted.count }

    mutating func append(_ score: Double) {
        newest.append(score)
        sorted.insert(score, at: insertionIndex(of: score))
        if newest.count > capacity { sorted.remove(at: insertionIndex(of: newest.removeFirst())) }
    }

    /// Keeps more scores from now on; never fewer.
    mutating func grow(to capacity: Int) { self.capacity = max(self.capacity, capacity) }

    /// The score that a share `risk` of the next ones will exceed; `nil` before the first score.
    ///
    /// - Parameter risk: in (0, 1).
    func upper(_ risk: Double) -> Double? {
        let k = sorted.count
        guard k > 0 else { return nil }
        let rank = Int(((1 - risk) * Double(k + 1)).rounded(.up)) - 1
        if Double(k) * risk < 10, k >= 10 {
            let tail = max(5, min(k / 5, 50))
            let threshold = sorted[k - tail - 1]
            if risk < Double(tail) / Double(k) {
                let mean = sorted.suffix(tail).reduce(0, +) / Double(tail)
                return threshold + max(mean - threshold, 1e-6) * log(Double(tail) / (Double(k) * risk))
            }
        }
        return sorted[max(0, min(k - 1, rank))]
    }

    /// Index of the first score that is not smaller.
    private func insertionIndex(of score: Double) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < score { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Only the scores in their order are stored; sorting them again is cheaper than carrying them twice.
extension RollingScores: Codable {
    private enum CodingKeys: String, CodingKey {
        case capacity, scores
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(capacity: try container.decode(Int.self, forKey: .capacity))
        newest = try container.decode([Double].self, forKey: .scores)
        sorted = newest.sorted()
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(capacity, forKey: .capacity)
        try container.encode(newest, forKey: .scores)
    }
}
