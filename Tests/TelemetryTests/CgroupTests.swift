import Testing

@testable import Telemetry

@Suite struct CgroupTests {
    let v1 = CgroupLayout.locate(Fixture.roots("hybrid"))
    let v2 = CgroupLayout.locate(Fixture.roots("v2-slice"))

    @Test("v1 memory: shared memory is taken out of the cache, kernel memory added")
    func v1Memory() throws {
        let directory = try #require(v1.memory)
        let memory = try #require(CgroupMemory.read(directory))
        #expect(memory.currentBytes == 94_687_232)
        #expect(memory.unreclaimableBytes == 38_486_016 + 12_582_912 + 1_380_352)
        #expect(memory.reclaimableBytes == 54_734_848 - 12_582_912)
        #expect(CgroupMemory.peakBytes(directory) == 209_715_200)
        #expect(CgroupMemory.limitBytes(directory) == 209_715_200)
        #expect(CgroupMemory.oomKills(directory) == 1)
    }

    @Test("v2 memory: shared memory is taken out of the file cache, shrinkable kernel memory out of the kernel's")
    func v2Memory() throws {
        let directory = try #require(v2.memory)
        let memory = try #require(CgroupMemory.read(directory))
        #expect(memory.currentBytes == 63_549_440)
        #expect(memory.unreclaimableBytes == 42_070_016 + 20_971_520 + (380_928 - 136_896))
        #expect(memory.reclaimableBytes == 136_896)
        #expect(CgroupMemory.peakBytes(directory) == 268_435_456)
        #expect(CgroupMemory.limitBytes(directory) == 268_435_456)
        #expect(CgroupMemory.oomKills(directory) == 1)
        let events = try #require(directory.text("memory.events").flatMap(CgroupV2.MemoryEvents.init))
        #expect(events.outOfMemory == 1)
    }

    @Test("Kernels without the shmem or kernel lines are understood")
    func oldKernels() throws {
        let v1Text = "cache 100\nrss 50\nactive_anon 60\ninactive_anon 20\n"
        let v1 = try #require(CgroupV1.MemoryStat(KernelText(v1Text)))
        #expect([v1.anonymousBytes, v1.sharedMemoryBytes, v1.fileCacheBytes] == [50, 30, 70])
        let v2Text = "anon 10\nfile 20\nshmem 5\nkernel_stack 1\npagetables 2\npercpu 3\nslab_unreclaimable 4\nsock 5\n"
        let v2 = try #require(CgroupV2.MemoryStat(KernelText(v2Text)))
        #expect(v2.unreclaimableKernelBytes == 15)
        #expect(v2.reclaimableBytes == 15)
    }

    @Test("Files that are missing or broken give nothing", arguments: ["", "anon\n", "rss x\ncache 1\n", "file 1\n"])
    func brokenStat(text: String) {
        #expect(CgroupV1.MemoryStat(KernelText(text)) == nil)
        #expect(CgroupV2.MemoryStat(KernelText(text)) == nil)
        #expect(CgroupV2.MemoryEvents(KernelText(text)) == nil)
        #expect(CgroupThrottling(KernelText(text), .v2) == nil)
    }

    @Test("No limit is none, in either generation")
    func noLimit() throws {
        let tree = try TemporaryTree([
            "v1/memory.limit_in_bytes": "9223372036854771712\n", "v2/memory.max": "max\n",
            "v1/cpu.cfs_quota_us": "-1\n", "v1/cpu.cfs_period_us": "100000\n", "v2/cpu.max": "max 100000\n",
        ])
        for version in [CgroupVersion.v1, .v2] {
            let path = tree.path + "/" + version.rawValue
            let directory = CgroupDirectory(version: version, path: path, top: tree.path)
            #expect(CgroupMemory.limitBytes(directory) == nil)
            #expect(CgroupCPUQuota.millicores(directory) == nil)
        }
    }

    @Test(
        "Quotas are read in millicores",
        arguments: [
            ("50000 100000\n", 500), ("150000 100000\n", 1500), ("1 100000\n", 1), ("max 100000\n", nil),
            ("100000\n", nil), ("100000 0\n", nil), ("-5 100000\n", nil), ("x y\n", nil),
        ] as [(String, Int?)])
    func quota(text: String, expected: Int?) {
        #expect(CgroupCPUQuota.millicores(cpuMax: KernelText(text)) == expected)
    }

    @Test("CPU time is read exactly and split in the kernel's proportions")
    func cpuTime() throws {
        let counting = try #require(v1.v1.first { $0.controllers == ["cpuacct"] })
        let v1Time = try #require(CgroupCPUTime.read(counting))
        #expect(v1Time.totalSeconds == 0.713317860)
        let sum = try #require(v1Time.userSeconds) + #require(v1Time.systemSeconds)
        #expect(abs(sum - v1Time.totalSeconds) < 1e-9)
        let v2Time = try #require(v2.unified.flatMap(CgroupCPUTime.read))
        #expect(v2Time.totalSeconds == 8.744666)
        #expect(abs(try #require(v2Time.userSeconds) - 2.908482) < 1e-9)
    }

    @Test("v1 without split counters falls back to ticks")
    func cpuTicks() throws {
        let tree = try TemporaryTree(["cpuacct.usage": "3000000000\n", "cpuacct.stat": "user 100\nsystem 200\n"])
        let directory = CgroupDirectory(version: .v1, path: tree.path, top: tree.path)
        let time = try #require(CgroupV1.cpuTime(directory))
        #expect(time.userSeconds == 1)
        #expect(time.systemSeconds == 2)
    }

    @Test("Throttling is read in seconds from either generation")
    func throttling() throws {
        let v1Throttling = try #require(v1.cpu.flatMap(CgroupThrottling.read))
        #expect(v1Throttling.throttledSeconds == 0.020713913)
        #expect(v1Throttling.throttledPeriods == 4)
        let v2Throttling = try #require(v2.cpu.flatMap(CgroupThrottling.read))
        #expect(v2Throttling.throttledSeconds == 9.917122)
        #expect(v2Throttling.periods == 188)
    }

    @Test("I/O is added up over devices")
    func io() throws {
        let recorded = try #require(v2.unified.flatMap(CgroupV2.IOStat.read))
        #expect(recorded.readBytes == 26_214_400)
        #expect(recorded.writeBytes == 8_388_608)
        let two = CgroupV2.IOStat(KernelText("8:0 rbytes=1 wbytes=2 rios=9\n8:16 rbytes=10 wbytes=x\nodd\n"))
        #expect(two.readBytes == 11)
        #expect(two.writeBytes == 2)
        let blkio = CgroupV1.BlkioServiceBytes(
            KernelText("8:0 Read 5\n8:0 Write 7\n8:16 Read 1\nTotal 13\n8:0 Sync x\n"))
        #expect(blkio.readBytes == 6)
        #expect(blkio.writeBytes == 7)
    }
}
