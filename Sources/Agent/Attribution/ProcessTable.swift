import Telemetry

/// Every process of the node, and whose step each is by its own word.
///
/// Looking at ten thousand processes each second must cost next to nothing, so a process is read once: its start time
/// and its environment. From then on it is only found again in the list. Two things could make that wrong, and each has
/// its check:
/// - *An ID used again.* The kernel gives IDs out in turn, so an ID can belong to another process only if the turn has
///   passed it since the last look, and ``ProcDirectory/latestProcessID()`` tells where the turn is. Only the IDs it has
///   passed are read again.
/// - *Another program.* Between `fork` and `execve` a process still has its parent's environment, so that of a young
///   process is read again until it is a second old.
struct ProcessTable {
    struct Entry {
        var startTicks: Int64
        var parentID: Int32
        /// What its environment says; a process without may still be the child of one with.
        var key: StepKey?
        /// True when the environment will not be read again.
        var isSettled: Bool
        fileprivate var scan: UInt64
    }

    /// Environments that could not be read, which is everybody else's for a user without privileges.
    private(set) var refusedCount = 0

    private let proc: ProcDirectory
    private var entries: [Int32: Entry] = [:]
    private var carriers: Set<Int32> = []
    private var scan: UInt64 = 0
    private var latestID: Int32?
    private var lastScanSeconds = -Double.infinity
    private var lastRecheckSeconds = -Double.infinity

    /// Until a process is so old it may still be on its way to its program.
    private static let settledAgeSeconds = 1.0
    /// Where the turn is not known, or too long ago, everything is read again as rarely as this.
    private static let recheckSeconds = 30.0

    init(_ proc: ProcDirectory) { self.proc = proc }

    var count: Int { entries.count }

    /// Processes whose own environment names a step.
    var carrierIDs: Set<Int32> { carriers }

    /// The parent of a process that need not have been taken in; `nil` when it has gone.
    func parent(of process: Int32) -> Int32? { proc.stat(process)?.parentID }

    subscript(process: Int32) -> Entry? { entries[process] }

    /// Looks at the whole list.
    mutating func refresh(at moment: Moment) {
        scan += 1
        let passed = passedIDs(moment)
        var found = 0
        // The closure works on `self`, which the list must not hold meanwhile.
        let proc = proc
        proc.forEachProcess { process in
            found += 1
            if let entry = entries[process], entry.isSettled, !passed.contains(process) {
                entries[process]?.scan = scan
            } else {
                admit(process, at: moment)
            }
        }
        guard found < entries.count else { return }
        for (process, entry) in entries where entry.scan != scan {
            entries[process] = nil
            carriers.remove(process)
        }
    }

    /// Takes a process in, or looks again at one that is not settled.
    ///
    /// - Returns: how it is now; `nil` when it has gone.
    @discardableResult
    mutating func admit(_ process: Int32, at moment: Moment) -> ProcessStat? {
        guard let stat = proc.stat(process) else {
            forget(process)
            return nil
        }
        if var entry = entries[process], entry.startTicks == stat.startTicks {
            entry.parentID = stat.parentID
            entry.scan = scan
            if !entry.isSettled { look(process, &entry, moment) }
            entries[process] = entry
        } else {
            var entry = Entry(
                startTicks: stat.startTicks, parentID: stat.parentID, key: nil, isSettled: false, scan: scan)
            look(process, &entry, moment)
            entries[process] = entry
        }
        return stat
    }

    private mutating func forget(_ process: Int32) {
        entries[process] = nil
        carriers.remove(process)
    }

    private mutating func look(_ process: Int32, _ entry: inout Entry, _ moment: Moment) {
        let age = moment.bootSeconds - Double(entry.startTicks) / Double(KernelStat.ticksPerSecond)
        entry.isSettled = age >= Self.settledAgeSeconds
        if let values = proc.environment(process, StepKey.variables) {
            entry.key = StepKey(environment: values)
        } else {
            refusedCount += entry.isSettled ? 1 : 0
        }
        if entry.key == nil { carriers.remove(process) } else { carriers.insert(process) }
    }

    /// The IDs that may have been given out again since the last look.
    private mutating func passedIDs(_ moment: Moment) -> PassedIDs {
        let latest = proc.isOwnNamespace() ? proc.latestProcessID() : nil
        defer {
            latestID = latest
            lastScanSeconds = moment.monotonicSeconds
        }
        // Within some seconds no node starts as many processes as there are IDs, so the turn is not passed twice.
        let isRecent = moment.monotonicSeconds - lastScanSeconds < Self.recheckSeconds
        if let before = latestID, let latest, isRecent { return PassedIDs(after: before, upTo: latest) }
        guard latest != nil || moment.monotonicSeconds - lastRecheckSeconds >= Self.recheckSeconds else {
            return .none
        }
        lastRecheckSeconds = moment.monotonicSeconds
        return .all
    }
}

/// A part of the circle of process IDs.
enum PassedIDs: Hashable {
    case none
    case all
    case range(after: Int32, upTo: Int32)

    init(after: Int32, upTo: Int32) { self = after == upTo ? .none : .range(after: after, upTo: upTo) }

    func contains(_ process: Int32) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .range(let after, let upTo):
            after < upTo ? process > after && process <= upTo : process > after || process <= upTo
        }
    }
}
