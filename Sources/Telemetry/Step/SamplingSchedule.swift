/// How long to wait between samples.
///
/// Commands of 30 ms deserve a few samples and builds of an hour deserve our silence: the interval grows with the age
/// of the step, from the fastest to the slowest. Should sampling come out dearer than the budget, as on nodes where one
/// reading takes milliseconds, it grows further.
public struct SamplingSchedule: Sendable {
    public var fastestSeconds: Double
    public var slowestSeconds: Double

    /// The interval is this share of the step's age: 5 ms up to 80 ms of age, 250 ms from 4 s on.
    private static let shareOfAge = 1.0 / 16
    /// CPU time all sampling may take, as a share of the step's age: 0.2 %, beneath the 0.3 % that we promise.
    private static let budgetShare = 0.002
    /// CPU time that is free: some fifty readings of a cgroup, so that the first second may be looked at closely.
    private static let freeSeconds = 0.01
    /// However dear sampling is, at least one sample in this many slowest intervals.
    private static let stretchLimit = 8.0

    public init(fastestSeconds: Double, slowestSeconds: Double) {
        self.fastestSeconds = fastestSeconds
        self.slowestSeconds = slowestSeconds
    }

    /// Seconds until the next sample.
    ///
    /// - Parameters:
    ///   - age: seconds since the step began.
    ///   - lastCost: CPU seconds of the last sample.
    ///   - totalCost: CPU seconds of all samples so far.
    public func interval(age: Double, lastCost: Double, totalCost: Double) -> Double {
        let base = max(fastestSeconds, min(slowestSeconds, age * Self.shareOfAge))
        guard totalCost > Self.freeSeconds + age * Self.budgetShare else { return base }
        return max(base, min(lastCost / Self.budgetShare, slowestSeconds * Self.stretchLimit))
    }
}
