import Testing

@testable import Telemetry

@Suite struct MeasurabilityTests {
    @Test("Each machine shape is told what it can measure and what to do to measure more")
    func shapes() {
        func states(_ roots: KernelRoots, _ environment: [String: String] = [:]) -> [String: Measurability.State] {
            Dictionary(
                uniqueKeysWithValues: Measurability.report(roots, environment: environment).items.map {
                    ($0.name, $0.state)
                })
        }
        let v2 = states(Fixture.roots("v2-slice"), ["CCACHE_DIR": Fixture.path("ccache-4.7/cache")])
        #expect(v2["cgroup"] == .available)
        #expect(v2["own cgroup"] == .degraded)  // the job has limits that a sibling would escape
        #expect(v2["memory high-water mark"] == .available)
        #expect(v2["OOM kills"] == .available)
        #expect(v2["pressure"] == .available)
        #expect(v2["capacity"] == .available)
        #expect(v2["compiler cache"] == .available)

        let bare = states(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent"))
        #expect(bare["cgroup"] == .missing)
        #expect(bare["own cgroup"] == .degraded)
        #expect(bare["OOM kills"] == .missing)
        #expect(bare["pressure"] == .missing)
        #expect(bare["proportional memory"] == .degraded)
        #expect(bare["capacity"] == .degraded)
        #expect(bare["compiler cache"] == .missing)
    }

    @Test("Whatever is not fully available names what was found, and a remedy where there is one")
    func remedies() {
        let items = Measurability.report(KernelRoots(procfs: "/nonexistent", sysfs: "/nonexistent")).items
        for item in items where item.state == .missing {
            #expect(!item.detail.isEmpty)
            #expect(item.remedy != nil, "\(item.name)")
        }
    }

    @Test("A cgroup that stands in, a kernel without the peak, and half of the pressure files are told")
    func partial() throws {
        let tree = try TemporaryTree([
            "proc/self/cgroup": "0::/pod/a\n",
            "proc/self/mountinfo": "24 22 0:21 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
            "sys/fs/cgroup/cgroup.controllers": "memory\n", "sys/fs/cgroup/cgroup.type": "domain\n",
            "sys/fs/cgroup/cgroup.procs": "1\n", "cache/x": "",
        ])
        let items = Measurability.report(tree.roots, environment: ["CCACHE_DIR": tree.path + "/cache"]).items
        for name in ["cgroup", "own cgroup", "memory high-water mark", "pressure", "compiler cache"] {
            #expect(items.first { $0.name == name }?.state == .degraded, "\(name)")
        }
    }
}
