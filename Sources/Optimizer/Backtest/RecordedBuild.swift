import Builds

/// A build that ran once, as a backtest sees it: what was known before, and what came of it.
public struct RecordedBuild: Hashable, Sendable {
    /// All a policy may look at when it sizes the build.
    public var question: BuildQuestion
    /// What the build used.
    public var result: BuildResult

    public init(question: BuildQuestion, result: BuildResult) {
        self.question = question
        self.result = result
    }
}

/// What was known of a recorded build before it ran.
public struct BuildQuestion: Hashable, Sendable {
    public var step: StepIdentity
    /// What a client would have sent with its question.
    public var context: BuildContext
    /// Memory the build was given then, GiB; `nil` when that was not recorded.
    public var requestedGiB: Double?
    /// Jobs the build ran with; `nil` when that was not recorded.
    public var jobs: Int?
    /// Names of the groups the build belongs to, fine to coarse, unique over all levels. The last group holds every
    /// build. Rivals keep one history for each; ``RecordedHistory/sizeLevel`` tells sizes apart.
    public var groups: [Int]

    public init(
        step: StepIdentity, context: BuildContext = BuildContext(), requestedGiB: Double? = nil, jobs: Int? = nil,
        groups: [Int]
    ) {
        self.step = step
        self.context = context
        self.requestedGiB = requestedGiB
        self.jobs = jobs
        self.groups = groups
    }
}

/// What a recorded build used.
public struct BuildResult: Hashable, Sendable {
    /// Peaks outside of this range are no peaks of builds, GiB: 512 KiB, less than a shell needs, to 16 TiB.
    public static let plausiblePeaksGiB = 0x1p-11...MemoryModel.plausiblePeaksGiB.upperBound
    /// Durations outside of this range are no durations of builds, seconds; three years at most.
    public static let plausibleSeconds = 0.001...1e8

    /// GiB, inside ``plausiblePeaksGiB``.
    public var peakGiB: Double
    /// Seconds, inside ``plausibleSeconds``.
    public var wallSeconds: Double
    /// CPU seconds; `nil` when they were not recorded.
    public var cpuSeconds: Double?

    public init(peakGiB: Double, wallSeconds: Double, cpuSeconds: Double? = nil) {
        self.peakGiB = peakGiB
        self.wallSeconds = wallSeconds
        self.cpuSeconds = cpuSeconds
    }
}
