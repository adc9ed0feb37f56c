/// The 95 % quantile of all earlier peaks, and 15 % more.
public struct HistoryQuantile: SizingPolicy {
    private static let share = 0.95

    private let defaultGiB: Double
    private var peaks = GroupedStates<[Double]>(initial: [])

    /// - Parameter defaultGiB: before the first build, unless it has a request.
    public init(defaultGiB: Double) { self.defaultGiB = defaultGiB }

    public func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Void) {
        guard let sorted = peaks.state(of: question.groups), !sorted.isEmpty else {
            return (question.requestedGiB ?? defaultGiB, ())
        }
        // The smallest peak that a share of 95 % does not exceed.
        let rank = Int((Self.share * Double(sorted.count)).rounded(.up)) - 1
        return (RivalMargin.factor * sorted[min(sorted.count - 1, rank)], ())
    }

    public mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Void) {
        let peak = build.result.peakGiB
        peaks.learn(build.question.groups) { sorted, _ in
            var low = 0
            var high = sorted.count
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] <= peak { low = middle + 1 } else { high = middle }
            }
            sorted.insert(peak, at: low)
        }
    }
}
