import Glibc

/// What OOM kills of a step leave behind until runs finish again.
struct OOMWatch: Hashable, Codable, Sendable {
    /// A kill at a limit says that the peak lies above it; a retry at half as much again rarely dies.
    static let floorFactor = 1.5
    /// What limits are multiplied with while kills are frequent, and for how many runs.
    static let raise = 1.25
    private static let raisedRuns = 10
    /// Newest finished runs that are looked at.
    private static let window = 10

    /// Kills ever seen.
    private(set) var killCount = 0
    /// GiB that no recommendation goes below until a run finishes.
    private(set) var floorGiB: Double?
    /// Seconds and dollars spent in attempts that died since the last finished run.
    private(set) var lostSeconds = 0.0
    private(set) var lostDollars = 0.0
    private var killedLately = RecentValues<Bool>(capacity: window)
    private var pendingKills = 0
    private(set) var raisedRunsLeft = 0

    /// True while limits are raised.
    var isRaising: Bool { raisedRunsLeft > 0 }

    /// An attempt died for memory.
    ///
    /// - Parameter limitGiB: the limit it died at, else its observed peak.
    mutating func killed(limitGiB: Double?, seconds: Double, dollars: Double) {
        killCount += 1
        pendingKills += 1
        lostSeconds += seconds
        lostDollars += dollars
        guard let limitGiB else { return }
        floorGiB = max(floorGiB ?? 0, Self.floorFactor * limitGiB)
    }

    /// An attempt finished.
    ///
    /// - Parameters:
    ///   - runs: finished runs of the step before this one.
    ///   - risk: OOM risk the step was sized for.
    /// - Returns: true when limits are raised from now on.
    mutating func finished(runs: Int, risk: Double) -> Bool {
        killedLately.append(pendingKills > 0)
        pendingKills = 0
        floorGiB = nil
        lostSeconds = 0
        lostDollars = 0
        raisedRunsLeft = max(0, raisedRunsLeft - 1)
        // Two more than expected, and three at least: at a risk of 2 % chance does this once in a thousand windows.
        let tolerated = max(3, Int((Double(Self.window) * risk).rounded(.up)) + 2)
        guard runs + 1 >= Self.window, raisedRunsLeft == 0, killedLately.elements.count(where: \.self) >= tolerated
        else { return false }
        raisedRunsLeft = Self.raisedRuns
        return true
    }
}
