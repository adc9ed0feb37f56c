import Telemetry

/// Every process of the node, and whose step each is by its own word.
///
/// Looking at ten thousand processes each second must cost next to nothing. The kernel gives process IDs out in turn, and
/// `loadavg` tells where the turn is. So what is new since the last look has one of the IDs that the turn has passed, and
/// only those are tried; the whole list is read when they are many, and every half minute to be sure. That settles three
/// more things:
/// - *A known process is not read again*: its ID cannot be another's before the turn has passed it.
/// - *An ID may be given out before its process shows.* Each is tried at two looks.
/// - *Threads have IDs from the same turn.* What carries a step's variables is asked whether it is a process.
///
/// Between `fork` and `execve` a process still has its parent's environment, so that of a young process is read again
/// until it is a second old.
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
    /// Processes whose environment will be read again.
    private var young: Set<Int32> = []
    private var scan: UInt64 = 0
    /// Where the turn was at the last two looks; `nil` where that cannot be known.
    private var latestID: Int32?
    private var earlierID: Int32?
    private var lastListingSeconds = -Double.infinity
    private var lastRecheckSeconds = -Double.infinity

    /// Until a process is so old it may still be on its way to its program.
    private static let settledAgeSeconds = 1.0
    /// The list is read at least as often as this, and where the turn is not known, each process as well. No node starts
    /// as many processes in between as there are IDs: at least 32,768, and 4 million where that could come near.
    private static let recheckSeconds = 30.0
    /// Trying an ID costs about as much as eight entries of the list.
    private static let listedForOneTried = 8
    /// So many are tried at any rate.
    private static let fewIDs = 64

    init(_ proc: ProcDirectory) { self.proc = proc }

    var count: Int { entries.count }

    /// Processes whose own environment names a step.
    var carrierIDs: Set<Int32> { carriers }

    /// The parent of a process that need not have been taken in; `nil` when it has gone.
    func parent(of process: Int32) -> Int32? { proc.stat(process)?.parentID }

    subscript(process: Int32) -> Entry? { entries[process] }

    /// Finds what is new.
    mutating func refresh(at moment: Moment) {
        scan += 1
        let latest = proc.isOwnNamespace() ? proc.latestProcessID() : nil
        let passed = passedIDs(latest, moment)
        let tried = earlierID.flatMap { earlier in latest.map { earlier..<max(earlier, $0) } }
        (earlierID, latestID) = (latestID, latest)
        let isListingDue = moment.monotonicSeconds - lastListingSeconds >= Self.recheckSeconds
        if !isListingDue, let tried, latest ?? 0 >= tried.lowerBound,
            tried.count <= max(Self.fewIDs, entries.count / Self.listedForOneTried)
        {
            for id in tried { take(id + 1, passed, moment) }
            for id in young { admit(id, at: moment) }
        } else {
            lastListingSeconds = moment.monotonicSeconds
            list(passed, moment)
        }
    }

    /// Takes in what was started since the last look for new processes, if that is not much. That look's successor tries
    /// the same IDs again.
    mutating func anticipate(at moment: Moment) {
        guard let before = latestID, proc.isOwnNamespace(), let latest = proc.latestProcessID(), latest > before,
            Int(latest - before) <= max(Self.fewIDs, entries.count / Self.listedForOneTried)
        else { return }
        for id in before..<latest { admit(id + 1, at: moment) }
    }

    private mutating func list(_ passed: PassedIDs, _ moment: Moment) {
        proc.forEachProcess { take($0, passed, moment) }
        for (process, entry) in entries where entry.scan != scan { forget(process) }
    }

    private mutating func take(_ process: Int32, _ passed: PassedIDs, _ moment: Moment) {
        if let entry = entries[process], entry.isSettled, !passed.contains(process) {
            entries[process]?.scan = scan
        } else {
            admit(process, at: moment)
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
        young.remove(process)
    }

    private mutating func look(_ process: Int32, _ entry: inout Entry, _ moment: Moment) {
        let age = moment.bootSeconds - Double(entry.startTicks) / Double(KernelStat.ticksPerSecond)
        entry.isSettled = age >= Self.settledAgeSeconds
        if let values = proc.environment(process, StepKey.variables) {
            entry.key = StepKey(environment: values)
            if entry.key != nil && !proc.isProcess(process) { entry.key = nil }
        } else {
            refusedCount += entry.isSettled ? 1 : 0
        }
        if entry.key == nil { carriers.remove(process) } else { carriers.insert(process) }
        if entry.isSettled { young.remove(process) } else { young.insert(process) }
    }

    /// The IDs that may have been given out again since the last look.
    private mutating func passedIDs(_ latest: Int32?, _ moment: Moment) -> PassedIDs {
        if let before = latestID, let latest { return PassedIDs(after: before, upTo: latest) }
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
