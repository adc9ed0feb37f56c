import Builds
import Foundation
import Telemetry
import Testing

@testable import Agent

/// Pods in trees as the kubelet's two cgroup drivers make them, in either generation.
@Suite struct PodTests {
    static let uid = "0b4f3a6e-1c2d-4e5f-8a9b-0c1d2e3f4a5b"
    static let escaped = "0b4f3a6e_1c2d_4e5f_8a9b_0c1d2e3f4a5b"

    struct Layout: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var isUnified: Bool
        /// The pod's path below the hierarchy's top.
        var pod: String
        var container: String
    }

    static let layouts = [true, false].flatMap { isUnified in
        [
            Layout(
                testDescription: "cgroupfs, \(isUnified ? "v2" : "v1")", isUnified: isUnified,
                pod: "/kubepods/burstable/pod\(uid)", container: "/4f5e"),
            Layout(
                testDescription: "systemd, \(isUnified ? "v2" : "v1")", isUnified: isUnified,
                pod: "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(escaped).slice",
                container: "/cri-containerd-9a.scope"),
            Layout(
                testDescription: "guaranteed, \(isUnified ? "v2" : "v1")", isUnified: isUnified,
                pod: "/kubepods.slice/kubepods-pod\(escaped).slice", container: "/cri-containerd-9a.scope"),
        ]
    }

    let fake: FakeProc
    var kubelet: String { fake.path + "/kubelet" }

    init() throws {
        fake = try FakeProc()
        try fake.put(.init(id: 1, parent: 0, start: 1, command: "init"))
    }

    private func mount(_ layout: Layout) throws {
        let own = "proc/\(getpid())"
        if layout.isUnified {
            try fake.write("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", own + "/mountinfo")
            try fake.write("0::/\n", own + "/cgroup")
            try fake.write("", "sys/fs/cgroup/cgroup.procs")
            try fake.write("memory cpu\n", "sys/fs/cgroup/cgroup.controllers")
        } else {
            try fake.write(
                """
                31 20 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                32 20 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct

                """, own + "/mountinfo")
            try fake.write("4:memory:/\n5:cpu,cpuacct:/\n", own + "/cgroup")
            try fake.write("", "sys/fs/cgroup/memory/cgroup.procs")
            try fake.write("", "sys/fs/cgroup/cpu,cpuacct/cgroup.procs")
        }
    }

    private func put(_ layout: Layout, cpuSeconds: Double, peak: Int, processes: String, kills: Int = 0) throws {
        if layout.isUnified {
            let pod = "sys/fs/cgroup" + layout.pod
            try fake.write("", pod + "/cgroup.procs")
            try fake.write(processes, pod + layout.container + "/cgroup.procs")
            let micros = Int(cpuSeconds * 1e6)
            try fake.write(
                """
                usage_usec \(micros)
                user_usec \(micros / 4 * 3)
                system_usec \(micros / 4)
                nr_periods 10
                nr_throttled 4
                throttled_usec 2500000

                """, pod + "/cpu.stat")
            try fake.write("\(peak / 2)\n", pod + "/memory.current")
            try fake.write("\(peak)\n", pod + "/memory.peak")
            try fake.write("anon \(peak / 4)\nfile \(peak / 4)\n", pod + "/memory.stat")
            try fake.write("oom_kill \(kills)\n", pod + "/memory.events")
            try fake.write("some avg10=0 avg60=0 avg300=0 total=1500000\n", pod + "/cpu.pressure")
            try fake.write("8:0 rbytes=4096 wbytes=8192\n", pod + "/io.stat")
        } else {
            let memory = "sys/fs/cgroup/memory" + layout.pod
            let cpu = "sys/fs/cgroup/cpu,cpuacct" + layout.pod
            for folder in [memory, cpu] {
                try fake.write("", folder + "/cgroup.procs")
                try fake.write(processes, folder + layout.container + "/cgroup.procs")
            }
            try fake.write("\(Int(cpuSeconds * 1e9))\n", cpu + "/cpuacct.usage")
            try fake.write("\(Int(cpuSeconds * 0.75e9))\n", cpu + "/cpuacct.usage_user")
            try fake.write("\(Int(cpuSeconds * 0.25e9))\n", cpu + "/cpuacct.usage_sys")
            try fake.write("nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n", cpu + "/cpu.stat")
            try fake.write("\(peak / 2)\n", memory + "/memory.usage_in_bytes")
            try fake.write("\(peak)\n", memory + "/memory.max_usage_in_bytes")
            try fake.write("total_rss \(peak / 4)\ntotal_cache \(peak / 4)\ntotal_shmem 0\n", memory + "/memory.stat")
            try fake.write("oom_kill \(kills)\n", memory + "/memory.oom_control")
        }
    }

    private func remove(_ layout: Layout) throws {
        for top in layout.isUnified ? [""] : ["/memory", "/cpu,cpuacct"] {
            try FileManager.default.removeItem(atPath: fake.path + "/sys/fs/cgroup\(top)\(layout.pod)")
        }
    }

    private func attribution(kubelet address: String? = nil) throws -> Attribution {
        var configuration = Attribution.Configuration()
        configuration.roots = fake.roots
        configuration.usesExitRecords = false
        configuration.settleSeconds = 0
        configuration.kubeletPaths = [kubelet]
        configuration.pods.kubelet = try address.map { try ServerAddress($0) }
        return try Attribution(configuration)
    }

    private func label(_ text: String, in file: String = "kubernetes.io~downward-api/podinfo/labels") throws {
        try fake.write(text, "kubelet/pods/\(Self.uid)/volumes/\(file)")
    }

    @Test("A labelled pod is followed by its own cgroup, to its last reading", arguments: layouts)
    func follows(_ layout: Layout) throws {
        try mount(layout)
        try put(layout, cpuSeconds: 1, peak: 1 << 20, processes: "77\n")
        try label("app=\"x\"\ninframind.io/run-id=\"r-1\"\ninframind.io/step-id=\"s-1\"")
        var attribution = try attribution()
        #expect(attribution.observe(at: .test(1)).isEmpty)
        #expect(attribution.counts.followed == 1)
        try put(layout, cpuSeconds: 40, peak: 1 << 30, processes: "77\n", kills: 1)
        #expect(attribution.observe(at: .test(2)).isEmpty)
        try put(layout, cpuSeconds: 42, peak: 1 << 30, processes: "", kills: 3)
        let finished = try #require(attribution.observe(at: .test(3)).first)
        #expect(finished.key.runID == "r-1")
        #expect(finished.key.stepID == "s-1")
        #expect(finished.cpuSource == .cgroup)
        let usage = finished.usage
        #expect(usage.totalCPUSeconds == 42)
        #expect(usage.userCPUSeconds == 31.5)
        #expect(usage.peakMemoryBytes == 1 << 30)
        #expect(usage.memorySource == (layout.isUnified ? .cgroupV2 : .cgroupV1))
        #expect(usage.oomKills == 3)
        #expect(usage.throttledSeconds == 2.5)
        #expect(usage.cpuPressureSeconds == (layout.isUnified ? 1.5 : nil))
        #expect(usage.ioWriteBytes == (layout.isUnified ? 8192 : nil))
        // The empty pod is still there; it is not followed again.
        #expect(attribution.observe(at: .test(4)).isEmpty)
        #expect(attribution.counts.followed == 0)
    }

    @Test("A pod that goes with all its files leaves the last reading", arguments: layouts)
    func vanishes(_ layout: Layout) throws {
        try mount(layout)
        try put(layout, cpuSeconds: 7, peak: 1 << 20, processes: "77\n")
        try label("inframind.io/run-id=\"r-1\"")
        var attribution = try attribution()
        _ = attribution.observe(at: .test(1))
        try remove(layout)
        let finished = try #require(attribution.observe(at: .test(2)).first)
        #expect(finished.usage.totalCPUSeconds == 7)
        #expect(finished.usage.peakMemoryBytes == 1 << 20)
    }

    @Test("A pod without labels is not followed; one that gets its volume late is")
    func late() throws {
        let layout = Self.layouts[1]
        try mount(layout)
        try put(layout, cpuSeconds: 7, peak: 1 << 20, processes: "77\n")
        var attribution = try attribution()
        try FileManager.default.createDirectory(atPath: kubelet, withIntermediateDirectories: true)
        _ = attribution.observe(at: .test(1))
        #expect(attribution.counts.followed == 0)
        try label("inframind.io/run-id=\"r-1\"", in: "kubernetes.io~projected/all/annotations")
        _ = attribution.observe(at: .test(20))
        #expect(attribution.counts.followed == 1)
    }

    @Test("A step inside a followed pod is taken out of what the pod's counters say")
    func enclosed() throws {
        let layout = Self.layouts[0]
        try mount(layout)
        try put(layout, cpuSeconds: 1, peak: 1 << 20, processes: "40\n")
        try label("inframind.io/run-id=\"r-1\"")
        try fake.put(.init(id: 39, start: 900, command: "shim"))
        try fake.put(
            .init(
                id: 40, parent: 39, start: 1000, user: 100,
                environment: "INFRAMIND_RUN_ID=r-1\0INFRAMIND_STEP_ID=inner\0"))
        try fake.write("0::\(layout.pod)\(layout.container)\n", "proc/40/cgroup")
        var attribution = try attribution()
        _ = attribution.observe(at: .test(1))
        try fake.end(40)
        try put(layout, cpuSeconds: 5, peak: 1 << 20, processes: "")
        let finished = attribution.observe(at: .test(2))
        let inner = try #require(finished.first { $0.key.stepID == "inner" })
        let outer = try #require(finished.first { $0.key.stepID == nil })
        #expect(inner.usage.totalCPUSeconds == 1)
        #expect(outer.usage.totalCPUSeconds == 4)
    }

    // MARK: The kubelet's answer

    /// Looks until the kubelet's answer is there; the clock of the test stands still meanwhile.
    private func waitForKubelet(_ attribution: inout Attribution, at seconds: Double) throws {
        _ = attribution.observe(at: .test(seconds))
        let deadline = monotonicSeconds() + 30
        while !attribution.interests.isEmpty {
            try #require(monotonicSeconds() < deadline)
            var entries = attribution.interests.map(pollfd.init)
            poll(&entries, nfds_t(entries.count), 1000)
            _ = attribution.observe(at: .test(seconds))
        }
    }

    @Test(
        "Pods without files of their own are asked about at the kubelet, whose answer may come in chunks",
        arguments: [true, false])
    func asks(isChunked: Bool) throws {
        let list =
            #"{"kind":"PodList","items":[{"metadata":{"uid":"\#(Self.uid)","labels":{"inframind.io/run-id":"r-9"}}}]}"#
        let half = list.utf8.count / 2
        let chunks = [list.prefix(half), list.dropFirst(half)].map {
            "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n"
        }
        let answer: FakeServer.Answer =
            isChunked
            ? .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks.joined() + "0\r\n\r\n")
            : .status(200, body: list)
        let server = try FakeServer([answer])
        defer { server.stop() }
        let layout = Self.layouts[1]
        try mount(layout)
        try put(layout, cpuSeconds: 7, peak: 1 << 20, processes: "77\n")
        var attribution = try attribution(kubelet: server.url)
        try waitForKubelet(&attribution, at: 1)
        #expect(server.requests.map { $0.hasPrefix("GET /pods HTTP/1.1\r\n") } == [true])
        _ = attribution.observe(at: .test(2))
        #expect(attribution.counts.followed == 1)
        _ = attribution.observe(at: .test(60))
        #expect(server.requests.count == 1)
    }

    @Test(
        "A kubelet that refuses, lies or hangs up is asked again later, and nothing else suffers",
        arguments: [
            FakeServer.Answer.status(403), .status(200, body: "[]"), .status(200, body: "{\"items\":[{\"metadata\""),
            .hangUp,
        ])
    func refused(_ answer: FakeServer.Answer) throws {
        let server = try FakeServer([answer])
        defer { server.stop() }
        let layout = Self.layouts[0]
        try mount(layout)
        try put(layout, cpuSeconds: 7, peak: 1 << 20, processes: "77\n")
        var attribution = try attribution(kubelet: server.url)
        try waitForKubelet(&attribution, at: 1)
        try waitForKubelet(&attribution, at: 3)
        #expect(server.requests.count == 1)
        try waitForKubelet(&attribution, at: 7)
        #expect(server.requests.count == 2)
        // After a minute it is no longer asked about.
        try waitForKubelet(&attribution, at: 70)
        try waitForKubelet(&attribution, at: 80)
        #expect(server.requests.count == 2)
        #expect(attribution.podTrouble?.hasPrefix("the kubelet's /pods: ") == true)
        #expect(attribution.counts.followed == 0)
    }
}
