import Telemetry

/// The CPU time of one step's processes, from looks at the living and from how its roots ended.
///
/// A *root* is a process of the step whose parent is not: what reaps it is outside. Everything else is reaped inside, and
/// the kernel adds what a process used to its parent's account when it is reaped, so at any time
///
///     the step = Σ living (own + reaped) + Σ ended roots
///
/// counts every process once, those that lived and died between two looks included. Only how much a root had used when it
/// ended has to be found out from elsewhere; ``RootEnding`` does.
struct StepAccount {
    /// A living process at the last look.
    struct Member: Hashable {
        var startTicks: Int64
        var parentID: Int32
        /// The root it hangs from.
        var rootID: Int32
        var own: CPUSeconds
        var reaped: CPUSeconds
    }

    /// A root that is gone, and what was known of it and of the processes that went with it.
    struct EndedRoot {
        var processID: Int32
        var parentID: Int32
        var members: [Int32: Member]

        /// What had been used at the last look: not more than the truth.
        var floor: CPUSeconds { members.values.reduce(.zero) { $0 + $1.own + $1.reaped } }
    }

    private(set) var members: [Int32: Member] = [:]
    /// Roots that have ended.
    private(set) var finished = CPUSeconds.zero
    /// Part of ``finished`` and of the members' accounts that inner steps used, which answer for themselves.
    private(set) var enclosed = CPUSeconds.zero
    /// The worst source so far; `nil` before a root has ended.
    private(set) var source: CPUSource?
    /// Zombie roots whose account is closed, by start time, until they are reaped.
    private var closed: [Int32: Int64] = [:]

    /// Roots that are alive.
    var rootIDs: [Int32] { members.compactMap { $0.key == $0.value.rootID ? $0.key : nil } }

    /// Everything so far.
    var cpu: CPUSeconds {
        finished + members.values.reduce(.zero) { $0 + $1.own + $1.reaped } - enclosed
    }

    /// Takes in a look at the living.
    ///
    /// - Parameters:
    ///   - readings: the step's processes.
    ///   - isAlive: whether a process that is no longer the step's is somewhere else: it moved to another step when it
    ///     got another environment, and took its account along.
    /// - Returns: the roots that are gone; each wants ``finish(_:_:)``.
    mutating func advance(_ readings: [ProcessStat], isAlive: (Int32, Int64) -> Bool) -> [EndedRoot] {
        var now: [Int32: Member] = [:]
        for reading in readings where closed[reading.processID] != reading.startTicks {
            now[reading.processID] = Member(
                startTicks: reading.startTicks, parentID: reading.parentID, rootID: reading.processID,
                own: reading.own, reaped: reading.reaped)
        }
        let seen = now
        for process in seen.keys { now[process]?.rootID = Self.root(of: process, in: seen) }
        let gone = members.filter { process, member in
            now[process]?.startTicks != member.startTicks && !isAlive(process, member.startTicks)
        }
        members = now
        closed = closed.filter { process, start in isAlive(process, start) }
        close(readings)
        return gone.compactMap { process, member in
            guard member.rootID == process else { return nil }
            return EndedRoot(
                processID: process, parentID: member.parentID, members: gone.filter { $0.value.rootID == process })
        }
    }

    /// Adds a root that ended.
    mutating func finish(_ cpu: CPUSeconds, _ source: CPUSource) {
        finished += cpu
        self.source = max(source, self.source ?? source)
    }

    /// Takes out what an inner step's root used that one of this step's processes reaped.
    mutating func enclose(_ cpu: CPUSeconds) { enclosed += cpu }

    /// A root that has ended and is not reaped tells its account itself. Its children, if any, are roots from now on.
    private mutating func close(_ readings: [ProcessStat]) {
        for reading in readings where reading.hasEnded {
            guard let member = members[reading.processID], member.rootID == reading.processID else { continue }
            members[reading.processID] = nil
            closed[reading.processID] = reading.startTicks
            finish(member.own + member.reaped, .zombie)
        }
    }

    private static func root(of process: Int32, in members: [Int32: Member]) -> Int32 {
        var process = process
        for _ in 0..<members.count {
            guard let member = members[process], members[member.parentID] != nil, member.parentID != process else {
                break
            }
            process = member.parentID
        }
        return process
    }
}
