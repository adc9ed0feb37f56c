import Glibc
import Synchronization
import Telemetry

/// Counts all processes, and keeps what groups of them have used so far. Whoever takes it, takes it alone.
final class ProcessCensus: Sendable {
    /// What one look at all processes found.
    struct Counts: Sendable {
        /// Tells one look from the next.
        var turn = 0
        /// By state, in the order of ``ProcessCollector``.
        var states: [7 of Int64] = [0, 0, 0, 0, 0, 0, 0]
        var threads: Int64 = 0
        /// By group.
        var sums: ContiguousArray<ProcessGroups.Sum> = []
        /// Why there is no folder of processes; 0 when there is one.
        var code: Int32 = 0
        /// CPU time that the look took.
        var costNanoseconds: Int64 = 0
    }

    private struct State {
        let scan: ProcessScan
        var groups: ProcessGroups
        var turn = 0
    }

    private let state: Mutex<State>
    private let spentNanoseconds: @Sendable () -> Int64

    /// - Parameter spentNanoseconds: CPU time the calling thread has used.
    init(
        procfs: String, groups: [CollectorSettings.ProcessGroup],
        spentNanoseconds: @escaping @Sendable () -> Int64 = ProcessCensus.threadNanoseconds
    ) {
        state = Mutex(State(scan: ProcessScan(procfs: procfs), groups: ProcessGroups(groups)))
        self.spentNanoseconds = spentNanoseconds
    }

    func take() -> Counts {
        state.withLock { state in
            let before = spentNanoseconds()
            var counts = Counts()
            state.turn += 1
            counts.turn = state.turn
            state.groups.beginScan()
            counts.code = state.scan.forEach { process in
                counts.states[Self.state(process.state)] += 1
                counts.threads += min(process.threads, Int64(Int32.max))
                if !state.groups.isEmpty { state.groups.add(process) }
            }
            state.groups.endScan()
            counts.sums = state.groups.sums
            counts.costNanoseconds = max(0, spentNanoseconds() - before)
            return counts
        }
    }

    private static func state(_ letter: UInt8) -> Int {
        switch letter {
        case UInt8(ascii: "R"): 0
        case UInt8(ascii: "S"): 1
        case UInt8(ascii: "D"): 2
        case UInt8(ascii: "I"): 3
        case UInt8(ascii: "T"), UInt8(ascii: "t"): 4
        case UInt8(ascii: "Z"): 5
        default: 6
        }
    }

    static func threadNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
