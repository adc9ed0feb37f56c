/// A rule that sets the memory limit of each build from earlier builds only.
public protocol SizingPolicy: Sendable {
    /// What the policy wants to find again when the build's outcome arrives.
    associatedtype Note: Sendable

    /// Sizes a build before it runs.
    ///
    /// - Returns: the limit in GiB, and a note for ``observe(_:attempts:note:)``.
    mutating func suggest(for question: BuildQuestion) -> (limitGiB: Double, note: Note)

    /// Learns what came of a build.
    ///
    /// - Parameters:
    ///   - attempts: in their order; all but the last were killed for memory.
    ///   - note: what ``suggest(for:)`` left.
    /// - Throws: what keeps the policy from going on.
    mutating func observe(_ build: RecordedBuild, attempts: [SizedAttempt], note: Note) throws
}

/// One attempt of a build at a limit.
public struct SizedAttempt: Hashable, Sendable {
    /// GiB.
    public var limitGiB: Double
    /// True when the limit was below the peak.
    public var wasKilled: Bool

    public init(limitGiB: Double, wasKilled: Bool) {
        self.limitGiB = limitGiB
        self.wasKilled = wasKilled
    }

    /// What happens to a build with this first limit: as long as it is killed, the limit is doubled, up to the largest
    /// machine, or the peak itself where that is larger.
    static func all(firstLimitGiB: Double, peakGiB: Double, capGiB: Double) -> [SizedAttempt] {
        var limit = firstLimitGiB
        var attempts = [SizedAttempt(limitGiB: limit, wasKilled: limit < peakGiB)]
        while limit < peakGiB {
            limit = min(2 * limit, max(capGiB, peakGiB))
            attempts.append(SizedAttempt(limitGiB: limit, wasKilled: limit < peakGiB))
        }
        return attempts
    }
}
