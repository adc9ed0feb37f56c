import Foundation
import Testing

@testable import Telemetry

@Suite struct CgroupLayoutTests {
    @Test("Each machine shape is recognised and its own cgroup found")
    func shapes() throws {
        let hybrid = CgroupLayout.locate(Fixture.roots("hybrid"))
        #expect(hybrid.kind == .hybrid)
        #expect(hybrid.memory?.version == .v1)
        #expect(hybrid.memory?.path == Fixture.path("hybrid/sys/fs/cgroup/memory/job-1"))
        #expect(hybrid.unified?.path == Fixture.path("hybrid/sys/fs/cgroup/unified/job-1"))
        #expect(hybrid.memory?.isExact == true)
        #expect(hybrid.memory?.isHierarchyRoot == false)
        #expect(hybrid.memory?.parent?.isHierarchyRoot == true)

        let v2 = CgroupLayout.locate(Fixture.roots("v2-slice"))
        #expect(v2.kind == .v2)
        let job = try #require(v2.memory)
        #expect(job.path == Fixture.path("v2-slice/sys/fs/cgroup/ci.slice/job.scope"))
        #expect(job.selfAndAncestors.map(\.isHierarchyRoot) == [false, false, true])
        #expect(v2.cpu == job)

        #expect(CgroupLayout.locate(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent")).kind == .none)
    }

    /// How the kernel tells a container with a cgroup namespace of its own where a process is, and where that is.
    struct Seen: CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var expected: String?
    }

    @Test(
        "A container that has the node's hierarchy mounted finds the cgroups of the node's processes in it",
        arguments: [
            Seen(testDescription: "its own", path: "/", expected: "/kubepods.slice/pod-1.slice/agent.scope"),
            Seen(
                testDescription: "below its own", path: "/job", expected: "/kubepods.slice/pod-1.slice/agent.scope/job"),
            Seen(testDescription: "another pod's", path: "/../../pod-2.slice", expected: "/kubepods.slice/pod-2.slice"),
            Seen(
                testDescription: "a service of the node", path: "/../../../ci.slice/job.scope",
                expected: "/ci.slice/job.scope"),
            Seen(testDescription: "the root", path: "/../../..", expected: ""),
            Seen(testDescription: "beyond the root", path: "/../../../../x", expected: nil),
        ], [true, false])
    func namespace(row: Seen, isWholeLast: Bool) throws {
        let own = "/sys/fs/cgroup/kubepods.slice/pod-1.slice/agent.scope"
        let tree = try TemporaryTree()
        let places =
            ["", "/job"].map { own + $0 }
            + [
                "", "/kubepods.slice", "/kubepods.slice/pod-1.slice", "/kubepods.slice/pod-2.slice",
                "/ci.slice/job.scope",
            ]
            .map { "/sys/fs/cgroup" + $0 }
        for place in places { try tree.put(place + "/cgroup.procs", "") }
        // What the container sees as its own is the same directory, as a mount of it is.
        try FileManager.default.createSymbolicLink(atPath: tree.path + "/own", withDestinationPath: tree.path + own)
        let mounts = [
            "30 20 0:26 / \(tree.path)/own ro - cgroup2 cgroup rw",
            "31 20 0:26 /../../.. /sys/fs/cgroup ro - cgroup2 cgroup rw",
        ]
        try tree.put("proc/self/mountinfo", (isWholeLast ? mounts : mounts.reversed()).joined(separator: "\n") + "\n")
        try tree.put("proc/40/cgroup", "0::\(row.path)\n")
        let found = try #require(CgroupLayout.locate(tree.roots, process: "40").unified)
        #expect(found.isExact == (row.expected != nil))
        #expect(found.path == tree.path + "/sys/fs/cgroup" + (row.expected ?? ""))
        #expect(found.top == tree.path + "/sys/fs/cgroup")
    }

    /// A process at `path` of a v1 memory hierarchy whose directory `root` is mounted, holding directories `present`.
    struct Nesting: CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var root: String
        var present: [String]
        var expected: String
        var isExact: Bool
    }

    @Test(
        "Containers see their own cgroup wherever it is mounted",
        arguments: [
            Nesting(
                testDescription: "the host's whole tree", path: "/docker/a", root: "/", present: ["/docker/a"],
                expected: "/docker/a", isExact: true),
            Nesting(
                testDescription: "only the container's own part", path: "/docker/a", root: "/docker/a", present: [""],
                expected: "", isExact: true),
            Nesting(
                testDescription: "a child of the container's part", path: "/docker/a/job", root: "/docker/a",
                present: ["", "/job"], expected: "/job", isExact: true),
            Nesting(
                testDescription: "the host's path with only the container's part", path: "/docker/a", root: "/",
                present: [""], expected: "", isExact: false),
            Nesting(
                testDescription: "outside of what is mounted", path: "/docker/ab", root: "/docker/a", present: [""],
                expected: "", isExact: false),
            Nesting(
                testDescription: "outside of the namespace", path: "/../other", root: "/", present: [""],
                expected: "", isExact: false),
            Nesting(
                testDescription: "its own namespace", path: "/", root: "/", present: [""], expected: "",
                isExact: true),
        ])
    func nesting(_ row: Nesting) throws {
        let tree = try TemporaryTree([
            "proc/self/cgroup": "4:memory:\(row.path)\n",
            "proc/self/mountinfo": "32 31 0:29 \(row.root) /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
        ])
        for directory in row.present { try tree.put("sys/fs/cgroup/memory\(directory)/cgroup.procs", "1\n") }
        let memory = try #require(CgroupLayout.locate(tree.roots).memory)
        #expect(memory.path == tree.path + "/sys/fs/cgroup/memory" + row.expected)
        #expect(memory.isExact == row.isExact)
    }

    @Test("The later of two mounts of one hierarchy is used; others and named hierarchies do not confuse")
    func mounts() throws {
        let tree = try TemporaryTree([
            "proc/self/cgroup": "4:cpu,cpuacct:/\n5:memory:/\n9:name=systemd:/\n",
            "proc/self/mountinfo": """
            32 31 0:29 / /elsewhere rw - cgroup cgroup rw,memory
            33 31 0:29 / /sys/fs/cgroup/memory ro - cgroup cgroup ro,memory
            34 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            35 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            36 31 0:32 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            37 31 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

            """,
        ])
        let layout = CgroupLayout.locate(tree.roots)
        #expect(layout.kind == .v1)
        #expect(layout.memory?.top == tree.path + "/sys/fs/cgroup/memory")
        #expect(layout.memory?.isReadOnly == true)
        #expect(layout.cpu?.controllers == ["cpu", "cpuacct"])
        #expect(layout.v1.count == 3)
    }

    @Test("Capacity is the least of affinity, quotas and limits along the path")
    func capacity() throws {
        // One CPU, 500 millicores for the job and 1500 for the slice; 256 MiB and 800 MiB.
        #expect(
            NodeCapacity.current(Fixture.roots("v2-slice"))
                == NodeCapacity(cpuMillicores: 500, memoryBytes: 268_435_456, memoryLimitBytes: 268_435_456))
        // Two CPUs, half a CPU and 200 MiB for the job.
        #expect(
            NodeCapacity.current(Fixture.roots("hybrid"))
                == NodeCapacity(cpuMillicores: 500, memoryBytes: 209_715_200, memoryLimitBytes: 209_715_200))
        #expect(
            NodeCapacity.current(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent"))
                == NodeCapacity(cpuMillicores: 1000, memoryBytes: nil))
        let live = NodeCapacity.current()
        #expect(live.cpuMillicores > 0)
        #expect(try #require(live.memoryBytes) > 1 << 20)
    }

    @Test(
        "CPU lists are counted",
        arguments: [
            ("0", 1), ("0-3", 4), ("0-3,8,10-11", 7), ("", nil), ("3-1", nil), ("a", nil), ("0-", nil),
            ("0-9223372036854775807", nil), ("1-2-3", nil), ("0,,1", nil),
        ] as [(String, Int?)])
    func cpuLists(list: String, expected: Int?) {
        #expect(CPUList.count(Array(list.utf8)[...]) == expected)
    }
}
