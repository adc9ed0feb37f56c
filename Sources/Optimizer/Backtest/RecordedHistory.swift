/// Recorded builds in the order in which they began, and what holds for all of them.
public struct RecordedHistory: Hashable, Sendable {
    public var builds: [RecordedBuild]
    /// Index of the level of ``BuildQuestion/groups`` whose running mean tells how large a build is.
    public var sizeLevel: Int
    /// False when durations are unknown; every build then counts as an hour, and time and money say nothing.
    public var hasDurations: Bool
    /// The largest machine: no limit is set above it, GiB.
    public var memoryCapGiB: Double
    /// What a rival gives a build when nothing at all is known, GiB.
    public var defaultGiB: Double

    public init(
        builds: [RecordedBuild], sizeLevel: Int, hasDurations: Bool, memoryCapGiB: Double, defaultGiB: Double = 2
    ) {
        self.builds = builds
        self.sizeLevel = sizeLevel
        self.hasDurations = hasDurations
        self.memoryCapGiB = memoryCapGiB
        self.defaultGiB = defaultGiB
    }

    /// Stands in for a duration that was not recorded, seconds: GiB-hours are then plain GiB.
    public static let unknownWallSeconds = 3600.0
}
