import Builds
import Foundation
import Glibc
import Telemetry

@testable import Agent

/// A proc file system in ordinary files, changed by its test as the kernel would.
final class FakeProc {
    let path: String
    let roots: KernelRoots

    /// One process; times in ticks of 10 ms.
    struct Process {
        var id: Int32
        var parent: Int32 = 1
        var start: Int64 = 1000
        var state = "S"
        var user = 0
        var system = 0
        var reapedUser = 0
        var reapedSystem = 0
        var command = "make"
        var environment = ""
        var commandLine = ""
        var rssKibibytes = 1000
    }

    private var processes: [Int32: Process] = [:]

    init(latestID: Int32 = 500) throws {
        path = NSTemporaryDirectory() + "inframind-proc-" + UUID().uuidString
        roots = KernelRoots(procfs: path + "/proc", sysfs: path + "/sys")
        try FileManager.default.createDirectory(atPath: path + "/proc", withIntermediateDirectories: true)
        // Processes are numbered as ours are.
        symlink(String(getpid()), path + "/proc/self")
        try setLatestID(latestID)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the turn of the process IDs is; making a process moves it there.
    func setLatestID(_ id: Int32) throws { try write("0.20 0.18 0.12 1/80 \(id)\n", "proc/loadavg") }

    /// Makes a process, or makes it another.
    func put(_ process: Process) throws {
        let before = processes[process.id]
        if before == nil { try setLatestID(process.id) }
        processes[process.id] = process
        let folder = "proc/\(process.id)"
        try write(
            """
            \(process.id) (\(process.command)) \(process.state) \(process.parent) 1 1 0 -1 4194304 0 0 0 0 \
            \(process.user) \(process.system) \(process.reapedUser) \(process.reapedSystem) 20 0 1 0 \(process.start) 0 0

            """, folder + "/stat")
        try write(process.environment, folder + "/environ")
        try write(process.commandLine, folder + "/cmdline")
        try write(
            "Tgid:\t\(process.id)\nPPid:\t\(process.parent)\nVmHWM:\t\(process.rssKibibytes) kB\nVmRSS:\t\(process.rssKibibytes) kB\n",
            folder + "/status")
        try writeChildren(of: process.id)
        if let before, before.parent != process.parent { try writeChildren(of: before.parent) }
        try writeChildren(of: process.parent)
    }

    /// Ends a process; its parent reaps it, and orphans go to process 1.
    func end(_ id: Int32, reaped: Bool = true) throws {
        guard let gone = processes.removeValue(forKey: id) else { return }
        try FileManager.default.removeItem(atPath: "\(path)/proc/\(id)")
        for orphan in processes.values where orphan.parent == id {
            var moved = orphan
            moved.parent = 1
            try put(moved)
        }
        guard reaped, var parent = processes[gone.parent] else { return try writeChildren(of: gone.parent) }
        parent.reapedUser += gone.user + gone.reapedUser
        parent.reapedSystem += gone.system + gone.reapedSystem
        try put(parent)
    }

    func change(_ id: Int32, _ body: (inout Process) -> Void) throws {
        guard var process = processes[id] else { return }
        body(&process)
        try put(process)
    }

    func write(_ text: String, _ file: String) throws {
        // By system calls: Foundation takes a minute for the files of ten thousand processes.
        let whole = path + "/" + file
        var descriptor = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if descriptor < 0, errno == ENOENT {
            try FileManager.default.createDirectory(
                atPath: (whole as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            descriptor = open(whole, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        }
        defer { if descriptor >= 0 { close(descriptor) } }
        let written = text.utf8.withContiguousStorageIfAvailable { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == text.utf8.count else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    private func writeChildren(of id: Int32) throws {
        guard processes[id] != nil else { return }
        let children = processes.values.filter { $0.parent == id }.map(\.id).sorted()
        try write(children.map { "\($0) " }.joined(), "proc/\(id)/task/\(id)/children")
    }
}

extension Moment {
    /// So many seconds after the processes of the tests were started, at 10 s after boot.
    static func test(_ seconds: Double) -> Moment {
        Moment(
            monotonicSeconds: 1000 + seconds, bootSeconds: 10 + seconds,
            time: Timestamp(seconds: 1_800_000_000 + seconds))
    }
}
