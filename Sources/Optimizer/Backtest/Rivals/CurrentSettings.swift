/// What the builds were given when they ran: the settings in force without InfraMind.
public struct CurrentSettings: SizingPolicy {
    private let defaultGiB: Double
    private var requests = GroupedStates<Double?>(initial: nil)

    /// - Parameter defaultGiB: for a build without a request before the first that has one.
    public init(defaultGiB: Double) { self.defaultGiB = defaultGiB }

    /// A build whose request was not recorded gets the last one of its group.
    public mutating func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Void) {
        if let request = question.requestedGiB {
            requests.learn(question.groups) { state, _ in state = request }
            return (request, ())
        }
        return ((requests.state(of: question.groups) ?? nil) ?? defaultGiB, ())
    }

    public func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Void) {}
}
