import Telemetry

/// The processes that ended since the last look, as the kernel told of them, and whose children they were.
///
/// A process that lived and died between two looks is known only by its parent's ID, and that one may be as unknown. But
/// then the parent has ended too, or is known: following the parents leads to a process that was seen.
struct ExitLedger {
    struct Exit: Hashable {
        var parentID: Int32
        var cpu = CPUSeconds.zero
        /// False while only threads beside the first have ended.
        var hasEnded = false
    }

    private(set) var exits: [Int32: Exit] = [:]
    /// Largest resident set of any process that ended, by process.
    private(set) var peakRSSBytes: [Int32: Int64] = [:]
    /// False when something was lost: then nothing here adds up.
    private(set) var isWhole = true

    /// A second of ten thousand exits is more than a node does.
    private static let limit = 65_536
    private static let deepest = 64

    mutating func add(_ record: ExitRecord) {
        guard exits.count < Self.limit else { return isWhole = false }
        var exit = exits[record.processID] ?? Exit(parentID: record.parentID)
        if record.isWholeProcess {
            exit.cpu = exit.cpu.scaled(toTotal: record.cpuSeconds)
            exit.hasEnded = true
        } else {
            exit.parentID = record.parentID
            // Of a process with threads the sum for all of it comes last and replaces this; the proportion stays.
            if record.isLeader {
                exit.cpu = CPUSeconds(user: record.userSeconds, system: record.systemSeconds)
                    .scaled(toTotal: record.cpuSeconds)
                exit.hasEnded = true
            }
            let peak = max(record.peakRSSBytes, peakRSSBytes[record.processID] ?? 0)
            peakRSSBytes[record.processID] = peak
        }
        exits[record.processID] = exit
    }

    mutating func noteLoss() { isWhole = false }

    /// Forgets all but the exits of `processes`, which were still seen alive and will be missed at the next look.
    mutating func forget(except processes: (Int32) -> Bool) {
        isWhole = true
        exits = exits.filter { processes($0.key) }
        peakRSSBytes = peakRSSBytes.filter { processes($0.key) }
    }

    /// The first process above `process` for which `known` is not `nil`.
    func ancestor<Known>(of process: Int32, _ known: (Int32) -> Known?) -> Known? {
        var process = process
        for _ in 0..<Self.deepest {
            guard let exit = exits[process] else { return nil }
            process = exit.parentID
            if let known = known(process) { return known }
        }
        return nil
    }
}
