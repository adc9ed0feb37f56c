/// The mean of the last five peaks, and 15 % more.
public struct RecentMean: SizingPolicy {
    private static let count = 5

    private let defaultGiB: Double
    private var recent = GroupedStates(initial: RecentValues<Double>(capacity: count))

    /// - Parameter defaultGiB: before the first build, unless it has a request.
    public init(defaultGiB: Double) { self.defaultGiB = defaultGiB }

    public func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Void) {
        guard let peaks = recent.state(of: question.groups)?.elements, !peaks.isEmpty else {
            return (question.requestedGiB ?? defaultGiB, ())
        }
        return (RivalMargin.factor * peaks.reduce(0, +) / Double(peaks.count), ())
    }

    public mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Void) {
        recent.learn(build.question.groups) { peaks, _ in peaks.append(build.result.peakGiB) }
    }
}
