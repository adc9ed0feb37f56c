/// Runs a policy over recorded builds in their order: every limit is set from the outcomes of earlier builds only.
public struct Replay: Sendable {
    /// No limit is below this, GiB: 1 MiB, so that doubling ends.
    private static let smallestLimitGiB = 0.001
    /// Builds between two reports of progress.
    private static let progressInterval = 64

    private let history: RecordedHistory
    /// Builds that begin between a build and the arrival of its outcome.
    private let delay: Int

    /// - Parameter delay: builds between a suggestion and its outcome; at least 0.
    public init(_ history: RecordedHistory, delay: Int = 0) {
        self.history = history
        self.delay = max(0, delay)
    }

    private struct Pending<Note> {
        var index: Int
        var attempts: [SizedAttempt]
        var note: Note
    }

    /// Sizes every build.
    ///
    /// - Parameter progress: called now and then with the number of builds sized since the last call.
    /// - Returns: the first limit of each build, GiB.
    /// - Throws: what the policy or `progress` throws.
    public func limitsGiB(
        of policy: inout some SizingPolicy, progress: (Int) throws -> Void = { _ in }
    ) throws -> [Double] {
        try limits(of: &policy, progress: progress)
    }

    private func limits<Policy: SizingPolicy>(
        of policy: inout Policy, progress: (Int) throws -> Void
    ) throws -> [Double] {
        var limits: [Double] = []
        limits.reserveCapacity(history.builds.count)
        var pending: [Pending<Policy.Note>] = []
        var learned = 0
        for (index, build) in history.builds.enumerated() {
            while learned < pending.count, pending[learned].index < index - delay {
                let outcome = pending[learned]
                try policy.observe(history.builds[outcome.index], attempts: outcome.attempts, note: outcome.note)
                learned += 1
            }
            if learned > delay + Self.progressInterval {
                pending.removeFirst(learned)
                learned = 0
            }
            let (suggested, note) = policy.suggest(for: build.question)
            // A limit that is no number must not end the comparison; it counts as none at all.
            let limit = min(suggested.clamped(to: Self.smallestLimitGiB...Double.infinity), history.memoryCapGiB)
            limits.append(limit)
            pending.append(
                Pending(
                    index: index,
                    attempts: SizedAttempt.all(
                        firstLimitGiB: limit, peakGiB: build.result.peakGiB, capGiB: history.memoryCapGiB),
                    note: note))
            if limits.count % Self.progressInterval == 0 { try progress(Self.progressInterval) }
        }
        try progress(limits.count % Self.progressInterval)
        return limits
    }
}
