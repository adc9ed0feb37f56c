/// Resamples of a series in contiguous blocks (Künsch, "The jackknife and the bootstrap for general stationary
/// observations", 1989).
///
/// Builds that began near each other share a code base, a day and a machine, so they must be drawn together. Blocks in
/// time do that for any file; blocks by pipeline would not, for some installations have two pipelines.
struct BlockBootstrap: Hashable, Sendable {
    /// Share of resamples inside an interval.
    static let confidence = 0.95
    /// Enough for the 2.5 % quantile to have ten resamples beyond it.
    static let resamples = 400
    /// Blocks the series is cut into: many enough to vary, long enough to hold what hangs together.
    private static let blocks = 50

    let count: Int
    let blockLength: Int
    /// For each resample, where its blocks begin.
    let starts: [[Int]]

    init(count: Int, seed: UInt64) {
        self.count = count
        blockLength = max(1, (count + Self.blocks - 1) / Self.blocks)
        var generator = SplitMix64(seed: seed)
        let length = blockLength
        let perResample = count == 0 ? 0 : max(1, count / length)
        starts = (0..<Self.resamples).map { _ in
            (0..<perResample).map { _ in Int.random(in: 0...(count - length), using: &generator) }
        }
    }

    /// Sums over each resample, from the sums over all prefixes of the series.
    ///
    /// - Parameter prefixes: element `i` is the sum of the first `i` elements.
    func sums(ofPrefixes prefixes: [BuildCosts]) -> [BuildCosts] {
        starts.map { starts in
            starts.reduce(BuildCosts()) { $0 + (prefixes[$1 + blockLength] - prefixes[$1]) }
        }
    }

    /// The median of `values` in each resample.
    func medians(of values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        return starts.map { starts in
            var steps = [Int](repeating: 0, count: count + 1)
            for start in starts {
                steps[start] += 1
                steps[start + blockLength] -= 1
            }
            var times = 0
            let multiplicities = steps.map { step in
                times += step
                return times
            }
            var left = starts.count * blockLength / 2
            for index in order {
                left -= multiplicities[index]
                if left < 0 { return values[index] }
            }
            return order.last.map { values[$0] } ?? 0
        }
    }
}
