import Testing

@testable import Telemetry

@Suite struct StepCgroupRefusalTests {
    private func refusal(_ roots: KernelRoots, wrapper: Int32 = 116) -> String? {
        do throws(StepCgroupRefusal) {
            let request = StepCgroup.Request(tree: ProcessTree(rootProcessID: wrapper, roots: roots))
            try StepCgroup.make(CgroupLayout.locate(roots), request).remove()
            return nil
        } catch {
            return error.description
        }
    }

    @Test("A cgroup beside ours would escape our limits, and is refused")
    func limits() throws {
        let text = try #require(refusal(Fixture.roots("v2-slice")))
        #expect(text.contains("memory.max: 268435456"))
    }

    @Test(
        "Any limit counts, the words that mean none do not",
        arguments: [
            ("memory.high", "1024\n", "memory.high: 1024"), ("cpu.max", "50000 100000\n", "cpu.max: 50000 100000"),
            ("cpu.max", "max 100000\n", nil), ("pids.max", "max\n", nil), ("pids.max", "10\n", "pids.max: 10"),
            ("io.max", "8:0 rbps=1\n", "io.max: 8:0 rbps=1"), ("io.max", "", nil), ("cpuset.cpus", "\n", nil),
            ("cpuset.cpus", "0-1\n", "cpuset.cpus: 0-1"),
        ] as [(String, String, String?)])
    func firstLimit(file: String, content: String, expected: String?) throws {
        let tree = try TemporaryTree([file: content])
        let directory = CgroupDirectory(version: .v2, path: tree.path, top: tree.path)
        #expect(CgroupDelegation.firstLimit(of: directory) == expected)
    }

    @Test("Without the memory controller, below a read-only mount, or outside of the mount there is no cgroup to make")
    func unavailable() throws {
        #expect(refusal(KernelRoots(procfs: "/nonexistent"))?.contains("no cgroup hierarchy") == true)
        func tree(options: String, path: String) throws -> TemporaryTree {
            try TemporaryTree([
                "proc/self/cgroup": "4:memory:\(path)\n",
                "proc/self/mountinfo": "32 31 0:29 / /sys/fs/cgroup/memory \(options) - cgroup cgroup rw,memory\n",
                "sys/fs/cgroup/memory/cgroup.procs": "1\n",
            ])
        }
        let readOnly = try tree(options: "ro", path: "/")
        #expect(refusal(readOnly.roots)?.contains("read-only") == true)
        let outside = try tree(options: "rw", path: "/pod/a")
        #expect(refusal(outside.roots)?.contains("outside") == true)
        let missing = try tree(options: "rw", path: "/")
        #expect(refusal(missing.roots) == nil)  // an ordinary directory takes the place of a cgroup
    }

    @Test("A cgroup is ours alone with the wrapper, its ancestors and its descendants in it, and nobody else")
    func oursAlone() throws {
        func line(_ id: Int, _ parent: Int) -> (String, String) {
            ("proc/\(id)/stat", "\(id) (sh) S \(parent) 1 1 0 -1 0 0 0 0 0 1 1 1 1 20 0 1 0 5\n")
        }
        let tree = try TemporaryTree(
            Dictionary(uniqueKeysWithValues: [line(1, 0), line(10, 1), line(11, 10), line(20, 1)]))
        let processes = ProcessTree(rootProcessID: 10, roots: tree.roots)
        let directory = CgroupDirectory(version: .v2, path: tree.path, top: tree.path)
        for (content, expected) in [
            ("1\n10\n11\n", true), ("10\n", true), ("10\n20\n", false), ("10\n0\n", false),
        ] {
            try tree.put("cgroup.procs", content)
            #expect(CgroupDelegation.isOursAlone(directory, processes) == expected, "\(content)")
        }
        let gone = CgroupDirectory(version: .v2, path: "/nonexistent", top: "/nonexistent")
        #expect(!CgroupDelegation.isOursAlone(gone, processes))
    }

    @Test("A shared cgroup tells what happened since the start, and only that")
    func shared() throws {
        let tree = try TemporaryTree([
            "proc/self/cgroup": "0::/job\n", "proc/10/stat": "10 (sh) S 0 1 1 0 -1 0 0 0 0 0 1 1 1 1 20 0 1 0 5\n",
            "proc/self/mountinfo": "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "sys/fs/cgroup/cgroup.procs": "", "sys/fs/cgroup/job/cgroup.procs": "10\n",
            "sys/fs/cgroup/job/cgroup.type": "domain\n", "sys/fs/cgroup/job/cgroup.controllers": "cpu memory\n",
            "sys/fs/cgroup/job/memory.events": "oom 1\noom_kill 2\n",
            "sys/fs/cgroup/job/cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_usec 1000000\n",
            "sys/fs/cgroup/cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_usec 5000000\n",
        ])
        let layout = CgroupLayout.locate(tree.roots)
        let shared = SharedCgroup(layout, ProcessTree(rootProcessID: 10, roots: tree.roots))
        #expect(shared.wasOursAlone)
        #expect(shared.oomKills() == 0)
        #expect(shared.peakBytes() == nil)
        #expect(shared.throttledSeconds() == 0)
        try tree.put("sys/fs/cgroup/job/memory.events", "oom 2\noom_kill 5\n")
        try tree.put("sys/fs/cgroup/job/cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_usec 4000000\n")
        #expect(shared.oomKills() == 3)
        #expect(shared.throttledSeconds() == 3)
        try tree.put("sys/fs/cgroup/cpu.stat", "nr_periods 1\nnr_throttled 1\nthrottled_usec 4500000\n")
        #expect(shared.throttledSeconds() == 4.5)  // went backwards: it was reset
    }
}
