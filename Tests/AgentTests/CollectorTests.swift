import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Agent

/// A tree of small files made for one test, removed with it.
final class MachineTree {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    init(_ files: [String: String] = [:]) throws {
        for (name, content) in files { try put(name, content) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var roots: KernelRoots { KernelRoots(procfs: path + "/proc", sysfs: path + "/sys") }

    func put(_ name: String, _ content: String) throws { try put(name, Data(content.utf8)) }

    func put(_ name: String, _ content: Data) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }
}

@Suite struct CollectorTests {
    /// The samples of a page of one collector, without its judgement.
    private func samples(
        _ name: String, _ page: RenderedPage
    ) -> [String] {
        page.render().split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("inframind_agent_collector") && !$0.hasPrefix("inframind_agent_scrapes")
                && !$0.hasPrefix("inframind_agent_build")
        }
    }

    private func samples(_ name: String, _ files: [String: String]) throws -> [String] {
        let tree = try MachineTree(files)
        return samples(name, RenderedPage(tree.roots, names: [name]))
    }

    struct Row: CustomTestStringConvertible {
        var testDescription: String
        var collector: String
        var files: [String: String]
        /// Lines that must be there, and how many there are in all.
        var expected: [String]
        var count: Int
    }

    private static let vda = "254 0 vda 1 2 3 4 5 6 7 8 9 10 11\n"
    private static let eth0 = "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"

    @Test(
        "What the kernel would never write is passed over, and the rest is shown",
        arguments: [
            Row(
                testDescription: "a line cut short", collector: "disk",
                files: ["proc/diskstats": vda + "254 16 vdb 1 2 3 4 5"],
                expected: ["inframind_node_disk_read_bytes_total{device=\"vda\"} 1536"], count: 9),
            Row(
                testDescription: "numbers beyond 64 bits", collector: "disk",
                files: ["proc/diskstats": "8 0 sda 1 2 99999999999999999999 4 5 6 7 8 9 10 11\n"],
                expected: ["inframind_node_disk_read_bytes_total{device=\"sda\"} 9223372036854775807"], count: 9),
            Row(
                testDescription: "an empty list of disks", collector: "disk", files: ["proc/diskstats": "\n"],
                expected: [], count: 0),
            Row(
                testDescription: "a disk named like a label's end", collector: "disk",
                files: ["proc/diskstats": "8 0 a\"}\\ 1 2 3 4 5 6 7 8 9 10 11\n"],
                expected: [#"inframind_node_disk_reads_total{device="a\"}\\"} 1"#], count: 9),
            Row(
                testDescription: "partitions, loops and RAM", collector: "disk",
                files: [
                    "proc/diskstats": ["sda1", "vdb12", "xvda1", "nvme0n1p2", "mmcblk0p1", "loop3", "ram0", "zram1"]
                        .map { "8 0 \($0) 1 2 3 4 5 6 7 8 9 10 11\n" }.joined()
                ], expected: [], count: 0),
            Row(
                testDescription: "whole disks of every kind", collector: "disk",
                files: [
                    "proc/diskstats": ["sdaa", "nvme0n1", "mmcblk0", "md127", "dm-3", "xvdb", "sr0", "nbd1"]
                        .map { "8 0 \($0) 1 2 3 4 5 6 7 8 9 10 11\n" }.joined()
                ], expected: ["inframind_node_disk_reads_total{device=\"md127\"} 1"], count: 72),
            Row(
                testDescription: "a counter touching its colon", collector: "network",
                files: ["proc/net/dev": "x|y\n z|w\neth0:12345 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"],
                expected: ["inframind_node_network_receive_bytes_total{device=\"eth0\"} 12345"], count: 8),
            Row(
                testDescription: "a device line cut short", collector: "network",
                files: ["proc/net/dev": eth0 + "  eth1: 1 2 3"],
                expected: ["inframind_node_network_transmit_drops_total{device=\"eth0\"} 12"], count: 8),
            Row(
                testDescription: "more devices than are shown", collector: "network",
                files: [
                    "proc/net/dev": (0..<1000).map { "  tap\($0): 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n" }.joined()
                ], expected: [], count: 64 * 8),
            Row(
                testDescription: "a file of bytes that are no text", collector: "network",
                files: ["proc/net/dev": String(repeating: "\u{00}\u{07}:", count: 1000)], expected: [], count: 0),
            Row(
                testDescription: "an unfinished list of own I/O", collector: "self_io",
                files: ["proc/self/io": "rchar: 1\nsyscr: 2\nread_bytes: 3\n"], expected: [], count: 0),
        ])
    func hostile(row: Row) throws {
        let lines = try samples(row.collector, row.files)
        for line in row.expected { #expect(lines.contains(line), "\(line)") }
        #expect(lines.count == row.count)
    }

    @Test("v1 counts of bytes and operations are added up over devices, without the kernel's own totals")
    func blkio() throws {
        let bytes = "254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\n8:0 Read 1\n8:0 Write 2\nTotal 33\n"
        let lines = try samples(
            "cgroup",
            [
                "proc/self/mountinfo": "32 31 0:29 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n",
                "proc/self/cgroup": "4:blkio:/\n", "sys/fs/cgroup/blkio/cgroup.sane_behavior": "0\n",
                "sys/fs/cgroup/blkio/ci.slice/blkio.throttle.io_service_bytes": bytes,
                "sys/fs/cgroup/blkio/ci.slice/blkio.throttle.io_serviced":
                    "254:0 Read 3\n254:0 Write 99999999999999999999\n",
                "sys/fs/cgroup/blkio/cgroup.procs": "",
            ])
        #expect(
            lines == [
                "inframind_cgroup_io_read_bytes_total{cgroup=\"/ci.slice\"} 11",
                "inframind_cgroup_io_written_bytes_total{cgroup=\"/ci.slice\"} 22",
                "inframind_cgroup_io_reads_total{cgroup=\"/ci.slice\"} 3",
                "inframind_cgroup_io_writes_total{cgroup=\"/ci.slice\"} 9223372036854775807",
            ])
    }

    private static let v2 = [
        "proc/self/mountinfo": "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/cgroup.procs": "",
    ]

    @Test("A cgroup that vanishes leaves the page, and one that appears comes on it")
    func vanishing() throws {
        let tree = try MachineTree(
            Self.v2.merging(
                [
                    "sys/fs/cgroup/a.slice/memory.current": "5\n",
                    "sys/fs/cgroup/a.slice/memory.stat": "inactive_file 9\n",
                    "sys/fs/cgroup/b.slice/memory.current": "7\n",
                ]) { $1 })
        let page = RenderedPage(tree.roots, names: ["cgroup"])
        #expect(
            samples("cgroup", page) == [
                "inframind_cgroup_memory_current_bytes{cgroup=\"/a.slice\"} 5",
                "inframind_cgroup_memory_current_bytes{cgroup=\"/b.slice\"} 7",
                // More cache than memory is what a cgroup looks like that grew between two files.
                "inframind_cgroup_memory_working_set_bytes{cgroup=\"/a.slice\"} 0",
            ])
        // A file of the kernel that is open and gone cannot be read; here it is empty.
        try tree.put("sys/fs/cgroup/a.slice/memory.current", "")
        truncate(tree.path + "/sys/fs/cgroup/a.slice/memory.stat", 0)
        truncate(tree.path + "/sys/fs/cgroup/a.slice/memory.current", 0)
        try tree.remove("sys/fs/cgroup/a.slice")
        try tree.put("sys/fs/cgroup/c.slice/memory.current", "8\n")
        _ = page.render()
        #expect(
            samples("cgroup", page).filter { $0.contains("current") } == [
                "inframind_cgroup_memory_current_bytes{cgroup=\"/b.slice\"} 7",
                "inframind_cgroup_memory_current_bytes{cgroup=\"/c.slice\"} 8",
            ])
    }

    @Test("However many cgroups there are, sixteen are shown, the configured ones first among them")
    func bounded() throws {
        var files = Self.v2
        for index in 0..<100 { files["sys/fs/cgroup/s\(index).slice/memory.current"] = "1\n" }
        files["sys/fs/cgroup/z.slice/build-12345678/memory.current"] = "3\n"
        let tree = try MachineTree(files)
        var settings = CollectorSettings()
        settings.cgroups = ["z.slice/build-12345678/", "/z.slice/../../etc", "/absent"]
        let lines = samples("cgroup", RenderedPage(tree.roots, settings: settings, names: ["cgroup"]))
        #expect(lines.contains("inframind_cgroup_memory_current_bytes{cgroup=\"/z.slice/build-12345678\"} 3"))
        #expect(lines.count == 14)
        #expect(!lines.contains { $0.contains("..") })
    }

    @Test(
        "Identifiers in paths are known for what they are",
        arguments: [
            ("system.slice", false), ("job.scope", false), ("job-1", false), ("user-1000.slice", false),
            ("kubepods-burstable.slice", false), ("facade.slice", false), ("deadbeef", false), ("v2024.slice", false),
            ("cri-containerd-4f2c9a7e1b0d.scope", true), ("pod8a4f6c1e_2b7d_4e5f_9a3c_1d2e3f4a5b6c", true),
            ("session-123456.scope", true), ("b37b29bcc80b7dbb93e3259ec6efdcef", true),
        ] as [(String, Bool)])
    func identifiers(part: String, expected: Bool) {
        #expect(CgroupSelection.isIdentifier(part[...]) == expected)
    }

    private func stat(
        _ id: Int, _ command: String, parent: Int = 1, state: String = "S", ticks: Int = 0, start: Int = 1,
        pages: Int = 1
    ) -> String {
        "\(id) (\(command)) \(state) \(parent) 0 0 0 -1 0 0 0 0 0 \(ticks) 0 0 0 20 0 1 0 \(start) 9999 \(pages) 0\n"
    }

    @Test("Processes belong to the group of the nearest process above, whatever they are called")
    func groups() throws {
        let tree = try MachineTree([
            "proc/2/stat": stat(2, "runner", ticks: 100, pages: 1), "proc/3/stat": stat(3, "sh", parent: 2, ticks: 10),
            "proc/4/stat": stat(4, "cc1) R 1 (", parent: 3, state: "R", ticks: 1),
            "proc/5/stat": stat(5, "ninja-build-of-", parent: 3, ticks: 1000),
            "proc/6/stat": stat(6, "x", parent: 5, ticks: 2000), "proc/7/stat": stat(7, "outside", ticks: 5),
            // Two that name each other as parent, as a tree read while it changes may.
            "proc/8/stat": stat(8, "a", parent: 9), "proc/9/stat": stat(9, "b", parent: 8),
            "proc/10/stat": "10 (cut", "proc/11/stat": "", "proc/12/cmdline": "none", "proc/99999999999/stat": "",
        ])
        var settings = CollectorSettings()
        settings.processGroups = [
            .init(name: "runner", commands: ["runner"]), .init(name: "ninja", commands: ["ninja-*"]),
            .init(name: "long", commands: ["outside-and-longer"]),
        ]
        let page = RenderedPage(tree.roots, settings: settings, names: ["processes"])
        let lines = samples("processes", page)
        #expect(lines.contains("inframind_node_processes{state=\"running\"} 1"))
        #expect(lines.contains("inframind_node_processes{state=\"sleeping\"} 7"))
        #expect(lines.contains("inframind_process_group_processes{group=\"runner\"} 3"))
        #expect(lines.contains("inframind_process_group_processes{group=\"ninja\"} 2"))
        #expect(lines.contains("inframind_process_group_processes{group=\"long\"} 0"))
        #expect(lines.contains("inframind_process_group_cpu_seconds_total{group=\"runner\"} 1.11"))
        #expect(lines.contains("inframind_process_group_cpu_seconds_total{group=\"ninja\"} 30"))
    }

    @Test("CPU time of a group never falls: not when processes end, not when an ID is used again, not backwards")
    func groupCPU() throws {
        let tree = try MachineTree([
            "proc/2/stat": stat(2, "cc", ticks: 100), "proc/3/stat": stat(3, "cc", ticks: 50),
        ])
        var time: Int64 = 0
        let clock = MetricsClock(monotonicNanoseconds: { time }, secondsSince1970: { 0 })
        var sources = CollectorSources(
            roots: tree.roots, clock: clock, background: BackgroundThread(isImmediate: true))
        sources.settings.processGroups = [.init(name: "cc", commands: ["cc"])]
        let page = MetricsPage(collectors: [ProcessCollector(sources) { 0 }], clock: clock, log: { _ in })
        let writer = MetricsWriter()
        func seconds() -> String? {
            time += 1
            page.render(into: writer, as: .prometheusText)
            let line = String(decoding: writer.bytes, as: UTF8.self).split(separator: "\n").first {
                $0.hasPrefix("inframind_process_group_cpu")
            }
            return line?.split(separator: " ").last.map(String.init)
        }
        #expect(seconds() == "1.5")
        try tree.put("proc/2/stat", stat(2, "cc", ticks: 130))
        try tree.remove("proc/3")
        #expect(seconds() == "1.8")
        try tree.put("proc/3/stat", stat(3, "cc", ticks: 7, start: 9))
        #expect(seconds() == "1.87")
        try tree.put("proc/2/stat", stat(2, "cc", ticks: 1))
        #expect(seconds() == "1.87")
    }

    @Test(
        "A scan is made again after two thousand times as long as it took, or a minute",
        arguments: [(1_000_000, 2_000_000_000), (1_000_000_000, 60_000_000_000)] as [(Int64, Int64)])
    func rest(scanNanoseconds: Int64, restNanoseconds: Int64) throws {
        let tree = try MachineTree(["proc/2/stat": stat(2, "cc")])
        var time: Int64 = 0
        let clock = MetricsClock(monotonicNanoseconds: { time }, secondsSince1970: { 0 })
        let sources = CollectorSources(
            roots: tree.roots, clock: clock, background: BackgroundThread(isImmediate: true))
        // A look lies between two looks at the clock of its thread.
        let spent = Atomic<Int64>(0)
        let collector = ProcessCollector(sources) {
            spent.add(scanNanoseconds, ordering: .relaxed).newValue
        }
        let writer = MetricsWriter()
        func threads() throws -> String? {
            writer.begin(.prometheusText)
            try collector.collect(into: writer)
            let text = String(decoding: writer.bytes, as: UTF8.self)
            return text.split(separator: "\n").first { $0.hasPrefix("inframind_node_threads ") }.map(String.init)
        }
        #expect(try threads() == "inframind_node_threads 1")
        try tree.put("proc/3/stat", stat(3, "cc"))
        time += restNanoseconds - 1
        #expect(try threads() == "inframind_node_threads 1")
        time += 1
        #expect(try threads() == "inframind_node_threads 2")
    }

    @Test("Only the first scrape waits for a look at all processes")
    func besides() throws {
        let tree = try MachineTree(["proc/2/stat": stat(2, "cc")])
        var time: Int64 = 0
        let clock = MetricsClock(monotonicNanoseconds: { time }, secondsSince1970: { 0 })
        let collector = ProcessCollector(CollectorSources(roots: tree.roots, clock: clock))
        let writer = MetricsWriter()
        func threads() throws -> Int {
            writer.begin(.prometheusText)
            try collector.collect(into: writer)
            let text = String(decoding: writer.bytes, as: UTF8.self)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("inframind_node_threads ") })
            return try #require(line.split(separator: " ").last.flatMap { Int($0) })
        }
        #expect(try threads() == 1)
        try tree.put("proc/3/stat", stat(3, "cc"))
        time += 120_000_000_000
        let before = monotonicNanoseconds()
        while try threads() < 2 { try #require(monotonicNanoseconds() - before < 30_000_000_000) }
    }

    @Test("Ten thousand processes are counted")
    func many() throws {
        let tree = try MachineTree()
        for id in 1...10_000 {
            mkdir("\(tree.path)/proc", 0o755)
            if id == 1 { try tree.put("proc/1/stat", stat(1, "init")) }
            guard id > 1 else { continue }
            mkdir("\(tree.path)/proc/\(id)", 0o755)
            let file = open("\(tree.path)/proc/\(id)/stat", O_CREAT | O_WRONLY, 0o600)
            let bytes = Array(stat(id, "cc1plus", parent: id / 2, pages: 3).utf8)
            _ = write(file, bytes, bytes.count)
            close(file)
        }
        var settings = CollectorSettings()
        settings.processGroups = [.init(name: "all", commands: ["init"])]
        let lines = samples("processes", RenderedPage(tree.roots, settings: settings, names: ["processes"]))
        #expect(lines.contains("inframind_node_threads 10000"))
        // Only the first is called so: all others are found to be below it.
        #expect(lines.contains("inframind_process_group_processes{group=\"all\"} 10000"))
    }
}
