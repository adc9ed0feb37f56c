import Telemetry

/// The numbers of one cgroup at one scrape; -1 where the kernel does not tell.
struct CgroupReading {
    var cpuMicroseconds: Int64 = -1
    var userMicroseconds: Int64 = -1
    var systemMicroseconds: Int64 = -1
    var periods: Int64 = -1
    var throttledPeriods: Int64 = -1
    var throttledMicroseconds: Int64 = -1
    var memoryBytes: Int64 = -1
    var peakBytes: Int64 = -1
    var limitBytes: Int64 = -1
    var inactiveFileBytes: Int64 = -1
    var oomKills: Int64 = -1
    var readBytes: Int64 = -1
    var writtenBytes: Int64 = -1
    var reads: Int64 = -1
    var writes: Int64 = -1
    /// CPU, memory, I/O.
    var waitingMicroseconds: [3 of Int64] = [-1, -1, -1]
    var stalledMicroseconds: [3 of Int64] = [-1, -1, -1]

    /// What cannot be dropped at once. The cache may have grown between two files: never below nothing.
    var workingSetBytes: Int64 {
        memoryBytes < 0 || inactiveFileBytes < 0 ? -1 : max(0, memoryBytes - inactiveFileBytes)
    }
}

/// One file of a cgroup: what it is called in each generation, and what its numbers are.
///
/// Most are a few lines of a word and a number; which word means what differs between the generations.
struct CgroupFile {
    let file: KernelFile
    let read: (inout KernelCursor, inout CgroupReading) -> Void

    /// Every file of `directory` that is there.
    static func all(in directory: String, _ version: CgroupVersion, controllers: Set<String>?) -> [CgroupFile] {
        let table = version == .v2 ? v2 : v1
        return table.compactMap { row in
            guard controllers.map({ $0.contains(row.controller) }) ?? true else { return nil }
            guard let name = row.names.first(where: { FolderNames.exists("\(directory)/\($0)") }) else { return nil }
            return CgroupFile(file: KernelFile("\(directory)/\(name)"), read: row.read)
        }
    }

    private struct Row: Sendable {
        var controller: String
        /// The first that is there is read.
        var names: [String]
        var read: @Sendable (inout KernelCursor, inout CgroupReading) -> Void
    }

    private static let v2: [Row] = [
        Row(controller: "cpu", names: ["cpu.stat"]) { cursor, reading in
            repeat {
                if cursor.skip("usage_usec ") {
                    reading.cpuMicroseconds = cursor.number() ?? -1
                } else if cursor.skip("user_usec ") {
                    reading.userMicroseconds = cursor.number() ?? -1
                } else if cursor.skip("system_usec ") {
                    reading.systemMicroseconds = cursor.number() ?? -1
                } else if cursor.skip("nr_periods ") {
                    reading.periods = cursor.number() ?? -1
                } else if cursor.skip("nr_throttled ") {
                    reading.throttledPeriods = cursor.number() ?? -1
                } else if cursor.skip("throttled_usec ") {
                    reading.throttledMicroseconds = cursor.number() ?? -1
                }
            } while cursor.nextLine()
        },
        Row(controller: "memory", names: ["memory.current"]) { $1.memoryBytes = $0.number() ?? -1 },
        Row(controller: "memory", names: ["memory.peak"]) { $1.peakBytes = $0.number() ?? -1 },
        // The word `max` is no number.
        Row(controller: "memory", names: ["memory.max"]) { $1.limitBytes = $0.number() ?? -1 },
        Row(controller: "memory", names: ["memory.stat"]) { find("inactive_file ", &$0, &$1.inactiveFileBytes) },
        Row(controller: "memory", names: ["memory.events"]) { find("oom_kill ", &$0, &$1.oomKills) },
        Row(controller: "io", names: ["io.stat"]) { cursor, reading in
            (reading.readBytes, reading.writtenBytes, reading.reads, reading.writes) = (0, 0, 0, 0)
            // 254:0 rbytes=26214400 wbytes=8388608 rios=35 wios=2049 dbytes=0 dios=0
            repeat {
                _ = cursor.word()
                while !cursor.isAtLineEnd {
                    cursor.skipSpaces()
                    if cursor.skip("rbytes=") {
                        add(cursor.number(), to: &reading.readBytes)
                    } else if cursor.skip("wbytes=") {
                        add(cursor.number(), to: &reading.writtenBytes)
                    } else if cursor.skip("rios=") {
                        add(cursor.number(), to: &reading.reads)
                    } else if cursor.skip("wios=") {
                        add(cursor.number(), to: &reading.writes)
                    } else {
                        _ = cursor.word()
                    }
                }
            } while cursor.nextLine()
        },
        Row(controller: "pressure", names: ["cpu.pressure"]) { pressure(0, &$0, &$1) },
        Row(controller: "pressure", names: ["memory.pressure"]) { pressure(1, &$0, &$1) },
        Row(controller: "pressure", names: ["io.pressure"]) { pressure(2, &$0, &$1) },
    ]

    private static let v1: [Row] = [
        // Nanoseconds; user and system are told apart at ticks, so their sum need not be the usage.
        Row(controller: "cpuacct", names: ["cpuacct.usage"]) { $1.cpuMicroseconds = ($0.number() ?? -1000) / 1000 },
        Row(controller: "cpuacct", names: ["cpuacct.usage_user"]) {
            $1.userMicroseconds = ($0.number() ?? -1000) / 1000
        },
        Row(controller: "cpuacct", names: ["cpuacct.usage_sys"]) {
            $1.systemMicroseconds = ($0.number() ?? -1000) / 1000
        },
        Row(controller: "cpu", names: ["cpu.stat"]) { cursor, reading in
            repeat {
                if cursor.skip("nr_periods ") {
                    reading.periods = cursor.number() ?? -1
                } else if cursor.skip("nr_throttled ") {
                    reading.throttledPeriods = cursor.number() ?? -1
                } else if cursor.skip("throttled_time ") {
                    reading.throttledMicroseconds = (cursor.number() ?? -1000) / 1000
                }
            } while cursor.nextLine()
        },
        Row(controller: "memory", names: ["memory.usage_in_bytes"]) { $1.memoryBytes = $0.number() ?? -1 },
        Row(controller: "memory", names: ["memory.max_usage_in_bytes"]) { $1.peakBytes = $0.number() ?? -1 },
        // "No limit" is the largest multiple of the page size in a signed 64-bit number.
        Row(controller: "memory", names: ["memory.limit_in_bytes"]) {
            $1.limitBytes = $0.number().flatMap { $0 < 1 << 62 ? $0 : nil } ?? -1
        },
        Row(controller: "memory", names: ["memory.stat"]) {
            find("total_inactive_file ", &$0, &$1.inactiveFileBytes)
        },
        Row(controller: "memory", names: ["memory.oom_control"]) { find("oom_kill ", &$0, &$1.oomKills) },
        // Without `recursive` the children of a cgroup are not in it.
        Row(
            controller: "blkio",
            names: ["blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes"]
        ) { operations(&$0, &$1.readBytes, &$1.writtenBytes) },
        Row(controller: "blkio", names: ["blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced"]) {
            operations(&$0, &$1.reads, &$1.writes)
        },
    ]

    /// The number after `key` at the start of a line.
    private static func find(_ key: StaticString, _ cursor: inout KernelCursor, _ value: inout Int64) {
        repeat {
            if cursor.skip(key) {
                value = cursor.number() ?? -1
                return
            }
        } while cursor.nextLine()
    }

    private static func add(_ value: Int64?, to sum: inout Int64) {
        guard let value, value > 0 else { return }
        let (result, overflow) = sum.addingReportingOverflow(value)
        sum = overflow ? .max : result
    }

    /// `some avg10=0.00 avg60=0.00 avg300=0.00 total=58761459`
    private static func pressure(_ index: Int, _ cursor: inout KernelCursor, _ reading: inout CgroupReading) {
        repeat {
            let isSome = cursor.skip("some ")
            guard isSome || cursor.skip("full ") else { continue }
            while !cursor.isAtLineEnd {
                cursor.skipSpaces()
                if cursor.skip("total=") {
                    let total = cursor.number() ?? -1
                    if isSome {
                        reading.waitingMicroseconds[index] = total
                    } else {
                        reading.stalledMicroseconds[index] = total
                    }
                } else {
                    _ = cursor.word()
                }
            }
        } while cursor.nextLine()
    }

    /// `254:0 Read 26214400`, a line for each device and kind of operation, and a total of all without a device.
    private static func operations(_ cursor: inout KernelCursor, _ reads: inout Int64, _ writes: inout Int64) {
        (reads, writes) = (0, 0)
        repeat {
            _ = cursor.word()
            let kind = cursor.word()
            if kind.isEqual(to: "Read") {
                add(cursor.number(), to: &reads)
            } else if kind.isEqual(to: "Write") {
                add(cursor.number(), to: &writes)
            }
        } while cursor.nextLine()
    }
}
