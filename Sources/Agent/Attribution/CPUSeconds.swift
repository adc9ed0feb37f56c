import Telemetry

/// CPU time in user mode and in the kernel, in seconds.
struct CPUSeconds: Hashable, Sendable {
    var user = 0.0
    var system = 0.0

    var total: Double { user + system }

    static let zero = CPUSeconds()

    static func + (a: CPUSeconds, b: CPUSeconds) -> CPUSeconds {
        CPUSeconds(user: a.user + b.user, system: a.system + b.system)
    }

    static func += (a: inout CPUSeconds, b: CPUSeconds) { a = a + b }

    /// At least 0 in each part: readings a moment apart may cross.
    static func - (a: CPUSeconds, b: CPUSeconds) -> CPUSeconds {
        CPUSeconds(user: max(0, a.user - b.user), system: max(0, a.system - b.system))
    }

    /// The same proportion of the two parts, another total.
    func scaled(toTotal seconds: Double) -> CPUSeconds {
        guard total > 0 else { return CPUSeconds(user: seconds) }
        return CPUSeconds(user: seconds * user / total, system: seconds * system / total)
    }
}

extension ProcessStat {
    /// What the process itself used.
    var own: CPUSeconds { CPUSeconds(user: userCPUSeconds, system: systemCPUSeconds) }
    /// True when it has ended and waits to be reaped. The thread a process began with may end before the others do, and
    /// then shows as a zombie as well.
    var hasEnded: Bool { isZombie && threadCount <= 1 }
    /// What the children it has reaped used, with all they had reaped.
    var reaped: CPUSeconds { CPUSeconds(user: reapedUserCPUSeconds, system: reapedSystemCPUSeconds) }
}

/// Where the CPU time of a step comes from, best first. A step of several parts is as good as its worst.
enum CPUSource: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// The counter of a cgroup that held the step and nothing else, read after the step's end.
    case cgroup
    /// The last process was still there when it had ended, not yet reaped: its account is complete.
    case zombie
    /// The kernel told of every process of the step that ended.
    case exitRecords
    /// What the process that reaped the step gained by it.
    case parent
    /// The same, divided among several steps reaped in the same moment.
    case parentShared
    /// The last look before the end. The time since then is missing.
    case sampled

    static func < (a: CPUSource, b: CPUSource) -> Bool { a.rawValue < b.rawValue }

    /// As reports name it.
    var name: String {
        switch self {
        case .cgroup: "cgroup"
        case .zombie: "zombie"
        case .exitRecords: "exit_records"
        case .parent: "parent"
        case .parentShared: "parent_shared"
        case .sampled: "sampled"
        }
    }
}
