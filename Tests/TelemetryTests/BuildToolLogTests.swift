import Foundation
import Testing

@testable import Telemetry

@Suite struct BuildToolLogTests {
    private func bazel(_ line: String) -> [Int64]? {
        BazelProcesses(line: Array(line.utf8)[...]).map {
            [$0.actionCacheHits, $0.diskCacheHits, $0.remoteCacheHits, $0.internalActions, $0.executed]
        }
    }

    @Test(
        "Bazel's summary is read in every form it has had, and nothing else is",
        arguments: [
            ("INFO: 4841 processes: 684 disk cache hit, 160 internal, 3997 linux-sandbox.", [0, 684, 0, 160, 3997]),
            ("INFO: 11 processes: 6 remote cache hit, 3 internal, 2 remote.", [0, 0, 6, 3, 2]),
            ("INFO: 9 processes: 4 action cache hit, 5 internal, 2 worker, 1 local.", [4, 0, 0, 5, 3]),
            ("INFO: 1 process: 1 internal.", [0, 0, 0, 1, 0]),
            ("INFO: 1738 processes, remote cache hit.", [0, 0, 1738, 0, 0]),
            ("INFO: 0 processes.", nil), ("INFO: 0 processes:", [0, 0, 0, 0, 0]),
            ("\u{1B}[32mINFO:\u{1B}[0m 6 processes: 6 internal.\r", [0, 0, 0, 6, 0]),
            ("INFO: 99999999999999999999 processes: 99999999999999999999 internal.", [0, 0, 0, .max, 0]),
            ("INFO: -1 processes: 1 internal.", nil), ("INFO: 2 processes: -4 internal.", [0, 0, 0, 0, 0]),
            ("a message says INFO: 6 processes: 6 internal.", nil), ("INFO: 6 targets: all", nil), ("", nil),
            ("INFO:", nil), ("6 processes: 6 internal.", nil),
        ] as [(String, [Int64]?)])
    func bazelSummary(line: String, expected: [Int64]?) {
        #expect(bazel(line) == expected)
    }

    @Test("Only builds after the first look are counted, each once, and a running one not yet")
    func bazelLog() throws {
        let real = try Fixture.text("bazel-4.2/command.log")
        let tree = try TemporaryTree()
        // Two logs of one length, written within a tick of the kernel's clock, would be told apart by luck.
        var seconds = 1_700_000_000.0
        func put(_ text: String) throws {
            try tree.put("command.log", text)
            seconds += 100
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: tree.path + "/command.log")
        }
        try put(real)
        var log = BazelCommandLog(path: tree.path + "/command.log")
        let later = 1_800_000_000.0
        try log.read(secondsSince1970: later)
        try log.read(secondsSince1970: later)
        #expect(log.builds == 0)
        try put(real)
        try log.read(secondsSince1970: seconds + 0.9)
        try log.read(secondsSince1970: seconds - 0.9)
        #expect(log.builds == 0, "it was written this very second")
        try log.read(secondsSince1970: later)
        try log.read(secondsSince1970: later)
        #expect(log.builds == 1)
        #expect(log.processes.remoteCacheHits == 5)
        #expect(log.processes.internalActions == 1)
        try put("")
        try log.read(secondsSince1970: later)
        #expect(log.builds == 1, "bazel shutdown leaves an empty log")
        try put("INFO: 3 processes: 2 linux-sandbox, 1 disk cache hit.\nINFO: Build completed\n")
        try log.read(secondsSince1970: later)
        #expect(log.builds == 2)
        #expect(log.processes.executed == 2)
        #expect(log.processes.diskCacheHits == 1)
    }

    @Test("A log that is missing, a pipe or a folder is an error and not a wait")
    func noLog() throws {
        let tree = try TemporaryTree()
        mkfifo(tree.path + "/pipe", 0o600)
        for name in ["missing", "pipe", "."] {
            var log = BazelCommandLog(path: tree.path + "/" + name)
            #expect(throws: KernelFileError.self) { try log.read(secondsSince1970: 0) }
        }
    }

    @Test("Of a long log the end is read, whole lines of it only")
    func tail() throws {
        let tree = try TemporaryTree(["log": String(repeating: "123456789\n", count: 100) + "cut"])
        // The last eighteen bytes are the end of a line, a line, and the start of another.
        let tail = try LogTail(path: tree.path + "/log", limitBytes: 18)
        #expect(tail.lines.map(\.string) == ["123456789"])
        #expect(tail.end == 1000)
        let rest = try LogTail(path: tree.path + "/log", from: 990)
        #expect(rest.lines.map(\.string) == ["123456789"])
        #expect(try LogTail(path: tree.path + "/log", from: 1000).bytes.isEmpty)
        #expect(try LogTail(path: tree.path + "/log", from: 5000).bytes.isEmpty)
    }

    @Test(
        "Gradle's summary is read, and nothing else is",
        arguments: [
            ("1 actionable task: 1 from cache", [0, 1, 0]),
            ("12 actionable tasks: 5 executed, 4 from cache, 3 up-to-date", [5, 4, 3]),
            ("2 actionable tasks: 2 up-to-date\r", [0, 0, 2]), ("2 actionable tasks: 2 dreamt of", nil),
            ("2 actionable tasks: many executed", nil), ("two actionable tasks: 2 executed", nil),
            ("10:00 [INFO] 1 actionable task: 1 executed", nil), ("actionable tasks:", nil), ("", nil),
            ("-1 actionable tasks: 1 executed", nil), ("1 actionable tasks: -1 executed", nil),
        ] as [(String, [Int64]?)])
    func gradleSummary(line: String, expected: [Int64]?) {
        let tasks = GradleTasks(line: Array(line.utf8)[...])
        #expect(tasks.map { [$0.executed, $0.fromCache, $0.upToDate] } == expected)
    }

    @Test("Daemons' logs are read on from where they were, new ones from their start, replaced ones anew")
    func gradleLogs() throws {
        let real = try Fixture.text("gradle-4.4/daemon/4.4.1/daemon-625.out.log")
        let tree = try TemporaryTree(["daemon/4.4.1/daemon-1.out.log": real, "daemon/4.4.1/registry.bin": real])
        var logs = GradleDaemonLogs(home: tree.path)
        try logs.readOn()
        #expect(logs.tasks.builds == 0)
        let path = tree.path + "/daemon/4.4.1/daemon-1.out.log"
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("3 actionable tasks: 1 executed, 2 from cache\n4 actionable tas".utf8))
        try logs.readOn()
        #expect(logs.tasks.fromCache == 2)
        try file.write(contentsOf: Data("ks: 4 up-to-date\n".utf8))
        try logs.readOn()
        try logs.readOn()
        #expect(logs.tasks.upToDate == 4, "the line that was cut is read once it is whole")
        #expect(logs.tasks.builds == 2)
        try tree.put("daemon/4.4.1/daemon-2.out.log", real)
        try logs.readOn()
        #expect(logs.tasks.builds == 4)
        #expect(logs.tasks.fromCache == 3)
        try tree.put("daemon/4.4.1/daemon-1.out.log", "1 actionable task: 1 executed\n")
        try logs.readOn()
        #expect(logs.tasks.executed == 2)
        #expect(throws: KernelFileError.self) {
            var none = GradleDaemonLogs(home: "/nonexistent")
            try none.readOn()
        }
    }
}
