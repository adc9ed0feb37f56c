import Telemetry

/// How much a root had used when it ended, which nobody can read from it any more.
///
/// Three ways, best first, each judged by what is known for certain: at least what the last look saw, and not more than
/// that plus what the machine can do in the time since.
struct RootEnding {
    /// A reaper's account of its reaped children, when the root was last seen alive and when it was seen gone.
    struct Reaper: Hashable {
        var before: CPUSeconds
        var after: CPUSeconds

        var growth: CPUSeconds { after - before }
    }

    /// Ends among which one reaper's growth has to be divided.
    struct Siblings {
        var reaper: Reaper?
        /// The floor of each, this one's included.
        var floors: [CPUSeconds]
    }

    /// Times in `/proc/PID/stat` are cut to ticks of 10 ms: two of them of two readings.
    private static let tickErrorSeconds = 0.04

    /// - Parameters:
    ///   - root: the root, and what went with it.
    ///   - ledger: who ended since the last look; `nil` where the kernel does not tell.
    ///   - siblings: what its reaper gained, and who else ended under it since the last look.
    ///   - mostSeconds: CPU seconds the machine can do since the last look.
    static func judge(
        _ root: StepAccount.EndedRoot, ledger: ExitLedger?, siblings: Siblings, mostSeconds: Double
    ) -> (cpu: CPUSeconds, source: CPUSource) {
        if let ledger, let cpu = fromExits(root, ledger) { return (cpu, .exitRecords) }
        let floor = siblings.floors.reduce(.zero, +)
        if let growth = siblings.reaper?.growth, growth.total >= floor.total - tickErrorSeconds,
            growth.total <= floor.total + mostSeconds + tickErrorSeconds
        {
            guard siblings.floors.count > 1 else { return (growth, .parent) }
            // Each gets what it had, and of the rest a share by its pace so far.
            let share = floor.total > 0 ? root.floor.total / floor.total : 1 / Double(siblings.floors.count)
            return (growth.scaled(toTotal: growth.total * share), .parentShared)
        }
        return (root.floor, .sampled)
    }

    /// What its processes had reaped at the last look, what each had used itself at its end, and what came and went
    /// since. `nil` when the ledger misses something or does not know of the root's end.
    private static func fromExits(_ root: StepAccount.EndedRoot, _ ledger: ExitLedger) -> CPUSeconds? {
        guard ledger.isWhole, ledger.exits[root.processID]?.hasEnded == true else { return nil }
        var sum = CPUSeconds.zero
        for (process, member) in root.members {
            let exit = ledger.exits[process]
            // Ticks of a living process may be a little ahead of the scheduler's own count.
            let own = exit?.hasEnded == true ? exit?.cpu ?? member.own : member.own
            sum += member.reaped + (own.total > member.own.total ? own : member.own)
        }
        for (process, exit) in ledger.exits where root.members[process] == nil {
            let isOurs = ledger.ancestor(of: process) { root.members[$0] == nil ? nil : true } ?? false
            if isOurs { sum += exit.cpu }
        }
        return sum
    }
}
