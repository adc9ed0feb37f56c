import Telemetry

/// Sums over processes by configured groups: a process belongs to the group its command is in, or else to that of the
/// nearest process above it that is in one. So a group is a forest: the runner and everything it started.
struct ProcessGroups {
    /// One sum of the last scan.
    struct Sum: Sendable {
        var processes: Int64 = 0
        var threads: Int64 = 0
        var residentPages: Int64 = 0
        /// Since the agent was started, of processes that live and of those that have ended; what a process used
        /// between the last scan and its end is not in it.
        var cpuTicks: Int64 = 0
    }

    private struct Member {
        var id: Int32
        var parent: Int32
        var startTicks: Int64
        var cpuTicks: Int64
        var threads: Int64
        var residentPages: Int64
        /// Index of the group of its command, or -1.
        var group: Int32
    }

    let names: [String]
    private(set) var sums: ContiguousArray<Sum>
    private let commands: [(group: Int32, prefix: [UInt8], isWhole: Bool)]
    private var now: ContiguousArray<Member> = []
    private var before: ContiguousArray<Member> = []
    private var isOrdered = true

    /// Parents that are looked at above a process. A chain of that many shells is no build.
    private static let limitHeight = 64

    init(_ groups: [CollectorSettings.ProcessGroup]) {
        names = groups.map(\.name)
        sums = ContiguousArray(repeating: Sum(), count: groups.count)
        commands = groups.enumerated().flatMap { index, group in
            group.commands.map { command in
                let isWhole = !command.hasSuffix("*")
                // The kernel keeps fifteen bytes of a name.
                let prefix = Array((isWhole ? command : String(command.dropLast())).utf8.prefix(15))
                return (group: Int32(index), prefix: prefix, isWhole: isWhole)
            }
        }
    }

    var isEmpty: Bool { names.isEmpty }

    mutating func beginScan() {
        swap(&now, &before)
        now.removeAll(keepingCapacity: true)
        isOrdered = true
    }

    mutating func add(_ process: borrowing ProcessScan.Process) {
        // The kernel lists processes in order, and a process that came meanwhile may come twice.
        if let last = now.last, last.id >= process.id { isOrdered = false }
        now.append(
            Member(
                id: process.id, parent: process.parent, startTicks: process.startTicks, cpuTicks: process.cpuTicks,
                threads: process.threads, residentPages: process.residentPages, group: group(of: process.command)))
    }

    mutating func endScan() {
        if !isOrdered { now.sort { $0.id < $1.id } }
        for group in sums.indices {
            sums[group].processes = 0
            sums[group].threads = 0
            sums[group].residentPages = 0
        }
        var earlier = before.startIndex
        for index in now.indices {
            let member = now[index]
            while earlier < before.endIndex, before[earlier].id < member.id { earlier += 1 }
            let group = Int(groupOrInherited(index))
            guard group >= 0 else { continue }
            var cpuTicks = member.cpuTicks
            if earlier < before.endIndex, before[earlier].id == member.id,
                before[earlier].startTicks == member.startTicks
            {
                cpuTicks = max(0, cpuTicks - before[earlier].cpuTicks)
            }
            sums[group].processes += 1
            sums[group].threads = Self.sum(sums[group].threads, member.threads)
            sums[group].residentPages = Self.sum(sums[group].residentPages, member.residentPages)
            sums[group].cpuTicks = Self.sum(sums[group].cpuTicks, cpuTicks)
        }
    }

    private func group(of command: UnsafeRawBufferPointer) -> Int32 {
        for entry in commands {
            guard command.count >= entry.prefix.count, !entry.isWhole || command.count == entry.prefix.count else {
                continue
            }
            if command.starts(with: entry.prefix) { return entry.group }
        }
        return -1
    }

    private func groupOrInherited(_ index: Int) -> Int32 {
        var index = index
        for _ in 0..<Self.limitHeight {
            if now[index].group >= 0 { return now[index].group }
            guard let parent = self.index(of: now[index].parent), parent != index else { return -1 }
            index = parent
        }
        return -1
    }

    private func index(of id: Int32) -> Int? {
        var low = 0
        var high = now.count
        while low < high {
            let middle = (low + high) / 2
            if now[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < now.count && now[low].id == id ? low : nil
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}
