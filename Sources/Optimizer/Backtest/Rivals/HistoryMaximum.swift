/// The largest peak ever seen, and 15 % more: what most people do by hand.
public struct HistoryMaximum: SizingPolicy {
    private let defaultGiB: Double
    private var maxima = GroupedStates<Double>(initial: 0)

    /// - Parameter defaultGiB: before the first build, unless it has a request.
    public init(defaultGiB: Double) { self.defaultGiB = defaultGiB }

    public func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Void) {
        let limit = maxima.state(of: question.groups).map { RivalMargin.factor * $0 }
        return (limit ?? question.requestedGiB ?? defaultGiB, ())
    }

    public mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Void) {
        maxima.learn(build.question.groups) { maximum, _ in maximum = max(maximum, build.result.peakGiB) }
    }
}
