import Builds
import Foundation
import Testing

@Suite("Units")
struct UnitsTests {
    @Test("convert and saturate instead of trapping")
    func conversions() {
        #expect(Units.bytes(gib: 2) == 2_147_483_648)
        #expect(Units.gib(bytes: 1_610_612_736) == 1.5)
        #expect(Units.millicores(cores: 1.5) == 1500)
        #expect(Units.cores(millicores: 250) == 0.25)
        #expect(Units.bytes(gib: 1e300) == .max)
        #expect(Units.bytes(gib: .nan) == 0)
        #expect(Units.bytes(gib: -1) == 0)
        #expect(Units.bytes(gib: .infinity) == .max)
    }
}

@Suite("A branch name")
struct BranchClassTests {
    @Test(
        "falls into one of three classes",
        arguments: [
            ("main", BranchClass.main), ("refs/heads/master", .main), ("origin/trunk", .main), ("develop", .main),
            ("release/1.2", .release), ("release-7", .release), ("hotfix/crash", .release), ("v1.2", .release),
            ("1.2.x", .release), ("feature/v1", .feature), ("maintenance", .feature), ("", .feature), ("v", .feature),
            ("vendor.update", .feature),
        ])
    func classes(_ name: String, _ expected: BranchClass) {
        #expect(BranchClass(branch: name) == expected)
    }

    @Test("that is missing counts as a feature branch")
    func missing() {
        #expect(BranchClass(branch: nil) == .feature)
    }
}

@Suite("A run status")
struct RunStatusTests {
    @Test(
        "is read from the words of the wire",
        arguments: [
            ("success", RunStatus.success), ("failed", .failure), ("FAILURE", .failure), ("aborted", .cancellation),
            ("timeout", .timeout), ("error", .error), ("oom_killed", .oomKilled),
        ])
    func reads(_ word: String, _ expected: RunStatus) {
        #expect(RunStatus(wire: word) == expected)
    }

    @Test("is nothing when the word is unknown", arguments: ["", "ok", "succeeded?"])
    func unknown(_ word: String) {
        #expect(RunStatus(wire: word) == nil)
    }
}

@Suite("Usage")
struct UsageTests {
    @Test("adds user and system time, and prefers a stated total")
    func cpu() {
        var usage = Usage()
        #expect(usage.totalCPUSeconds == nil)
        usage.systemCPUSeconds = 1
        #expect(usage.totalCPUSeconds == 1)
        usage.userCPUSeconds = 2
        #expect(usage.totalCPUSeconds == 3)
        usage.cpuSeconds = 10
        #expect(usage.totalCPUSeconds == 10)
    }

    @Test("sizes by what cannot be reclaimed, then by the kernel's mark, then by the largest process")
    func sizing() {
        var usage = Usage()
        #expect(usage.sizingPeakBytes == nil)
        usage.peakRSSBytes = 1
        #expect(usage.sizingPeakBytes == 1)
        usage.peakMemoryBytes = 3
        #expect(usage.sizingPeakBytes == 3)
        usage.unreclaimablePeakBytes = 2
        #expect(usage.sizingPeakBytes == 2)
    }
}

@Suite("A build context")
struct BuildContextTests {
    private func decode(_ json: String) throws -> BuildContext {
        try JSONDecoder().decode(BuildContext.self, from: Data(json.utf8))
    }

    @Test("reads the keys of the wire in canonical units and keeps the unknown ones")
    func reads() throws {
        let context = try decode(
            """
            {"tool":"cmake","max_rss_gb":4,"max_rss_bytes":1024,"num_steps":5.0,"cache_state":"partial","io_read_gb":0.5,
             "last_success":{"concurrency":8,"cpu_req":4,"mem_req_gb":16,"cache_size_gb":10},
             "baseline":{"concurrency":4},"compiler":"gcc","nested":{"a":[1,true,null,"x"]}}
            """)
        #expect(context.tool == "cmake")
        #expect(context.statedPeakMemoryBytes == 4_294_967_296)
        #expect(context.stepCount == 5)
        #expect(context.cacheState == .partial)
        #expect(context.ioReadBytes == 536_870_912)
        #expect(context.lastSuccess?.jobs == 8)
        #expect(context.lastSuccess?.cpuMillicores == 4000)
        #expect(context.lastSuccess?.memoryBytes == 17_179_869_184)
        #expect(context.lastSuccess?.cache == CompilerCache(isEnabled: true, sizeGiB: 10))
        #expect(context.baseline == Settings(jobs: 4))
        #expect(context.extra["compiler"] == "gcc")
        #expect(context.extra["nested"] == .object(["a": .array([1, true, .null, "x"])]))
    }

    @Test("survives being written and read again")
    func roundTrips() throws {
        var context = BuildContext()
        context.tool = "make"
        context.repository = "git@example.com:a/b"
        context.branch = "main"
        context.image = "debian:12"
        context.architecture = "arm64"
        context.workerPool = "large"
        context.statedPeakMemoryBytes = 123_456_789
        context.ioReadBytes = 1 << 30
        context.ioWriteBytes = 1 << 29
        context.cacheHitRatio = 0.25
        context.cacheState = .warm
        context.stepCount = 3
        context.averageStepSeconds = 1.5
        context.durationSeconds = 60
        context.costUSD = 0.01
        context.changedFiles = 7
        context.changedLines = 70
        context.lastSuccess = Settings(jobs: 2, cpuMillicores: 1500, memoryBytes: 1 << 31)
        context.baseline = Settings(jobs: 4, cpuMillicores: 4000, memoryBytes: 1 << 33)
        context.extra = ["compiler": "clang", "level": 3, "ratio": 0.5, "debug": true]
        let copy = try JSONDecoder().decode(BuildContext.self, from: JSONEncoder().encode(context))
        #expect(copy == context)
    }

    @Test(
        "refuses values that cannot be what their key says",
        arguments: [
            #"{"tool":5}"#, #"{"num_steps":"many"}"#, #"{"num_steps":1e300}"#, #"{"cache_state":"lukewarm"}"#,
            #"{"last_success":[]}"#, #"[]"#,
        ])
    func refuses(_ json: String) {
        #expect(throws: DecodingError.self) { try decode(json) }
    }
}
