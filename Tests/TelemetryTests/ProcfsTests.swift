import Testing

@testable import Telemetry

@Suite struct ProcfsTests {
    let hybrid = Fixture.roots("hybrid")
    let v2 = Fixture.roots("v2-slice")

    @Test("CPU times are read by mode and by CPU")
    func kernelStat() throws {
        let stat = try #require(KernelStat.read(v2))
        #expect(stat.total.user == 1.91)
        #expect(stat.total.system == 7.92)
        #expect(stat.total.idle == 11.67)
        #expect(stat.total.softirq == 0.14)
        #expect(stat.perCPU.keys.sorted() == [0])
        #expect(stat.perCPU[0] == stat.total)
        #expect(try #require(stat.bootTimeSeconds) > 1_700_000_000)
        #expect(try #require(KernelStat.read(hybrid)).perCPU.count == 2)
    }

    @Test(
        "CPU times that are not there or broken give nothing",
        arguments: ["", "cpu\n", "cpu 1 2 3\n", "cpu 1 2 x 4\n", "cpu -1 2 3 4\n", "cpu0 1 2 3 4\n", "intr 5\n"])
    func brokenStat(text: String) {
        #expect(KernelStat(KernelText(text)) == nil)
    }

    @Test("Kernels with four modes, and CPUs with odd names, are understood")
    func oldStat() throws {
        let stat = try #require(
            KernelStat(KernelText("cpu 100 0 50 900\ncpux 1 2 3 4\ncpu-1 1 2 3 4\n"), ticksPerSecond: 100))
        #expect(stat.total.idle == 9)
        #expect(stat.total.steal == 0)
        #expect(stat.perCPU.isEmpty)
    }

    @Test("The node's memory is read in bytes")
    func memInfo() throws {
        let info = try #require(MemInfo.read(v2))
        #expect(info.totalBytes == 1_020_530_688)
        #expect(info.availableBytes == 833_822_720)
        #expect(MemInfo(KernelText("MemFree: 3 kB\n")) == nil)
        #expect(MemInfo(KernelText("MemTotal: 0 kB\n")) == nil)
        #expect(MemInfo.read(KernelRoots(procfs: "/nonexistent")) == nil)
    }

    @Test("Load averages are read, and nothing else is taken for them")
    func loadAverage() throws {
        let load = try #require(LoadAverage(KernelText("0.08 1.11 22.05 1/85 11625\n")))
        #expect([load.oneMinute, load.fiveMinutes, load.fifteenMinutes] == [0.08, 1.11, 22.05])
        #expect(LoadAverage.read(hybrid) != nil)
        for text in ["", "0.1 0.2\n", "nan 0 0\n", "-1 0 0\n", "inf 0 0\n"] {
            #expect(LoadAverage(KernelText(text)) == nil, "\(text)")
        }
    }

    @Test("Pressure is read in seconds; a kernel without the full line is understood")
    func pressure() throws {
        let job = Fixture.path("v2-slice/sys/fs/cgroup/ci.slice/job.scope")
        let cpu = try #require(Pressure.read(.cpu, cgroup: job))
        #expect(cpu.someSeconds == 14.505804)
        #expect(cpu.fullSeconds == 9.995490)
        let old = try #require(Pressure(KernelText("some avg10=0.00 avg60=0.00 avg300=0.00 total=84182320\n")))
        #expect(old.someSeconds == 84.18232)
        #expect(old.fullSeconds == nil)
        #expect(Pressure.read(.memory, hybrid) != nil)
        #expect(Pressure(KernelText("some avg10=0.00 total=x\n")) == nil)
        #expect(Pressure(KernelText("full total=3\n")) == nil)
    }

    @Test(
        "A command may be named anything",
        arguments: ["python3", "a) R 1 (", "(((", ")))", "two words", "line\nfeed", "", "\u{FFFD}"])
    func hostileNames(name: String) throws {
        let numbers = "S 7 42 42 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 3 0 52503 3133440 414 0 0 0"
        let stat = try #require(ProcessStat(KernelText("42 (\(name)) \(numbers)\n"), ticksPerSecond: 100))
        #expect(stat.processID == 42)
        #expect(stat.command == name)
        #expect(stat.state == "S")
        #expect(stat.parentID == 7)
        #expect(stat.userCPUSeconds == 2.5)
        #expect(stat.systemCPUSeconds == 0.5)
        #expect(stat.reapedUserCPUSeconds == 0.3)
        #expect(stat.reapedSystemCPUSeconds == 0.2)
        #expect(stat.threadCount == 3)
        #expect(stat.startTicks == 52503)
        #expect(!stat.isZombie)
    }

    @Test(
        "A process that is not described in full gives nothing",
        arguments: [
            "", "42", "42 (sh", "42 sh) S 1", ")(", "42 (sh) S 7 42 42 0 -1 4194304 100\n",
            "x (sh) S 7 42 42 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 3 0 52503\n",
            "42 (sh) S 99999999999 42 42 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 3 0 52503\n",
        ])
    func brokenProcessStat(text: String) {
        #expect(ProcessStat(KernelText(text)) == nil)
    }

    @Test("A recorded process is read from all of its files")
    func recordedProcess() throws {
        let stat = try #require(ProcessStat.read(4242, hybrid))
        #expect(stat.command == "python3")
        let status = try #require(ProcessStatus.read(4242, hybrid))
        #expect(status.rssBytes > 30 << 20)
        #expect(status.peakRSSBytes >= status.rssBytes)
        #expect(status.unreclaimableBytes > 30 << 20)
        #expect(status.unreclaimableBytes < status.rssBytes)
        let rollup = try #require(SmapsRollup.read(4242, hybrid))
        #expect(rollup.pssBytes > 30 << 20)
        #expect(rollup.pssBytes <= status.rssBytes)
        #expect(try #require(rollup.unreclaimablePSSBytes) <= rollup.pssBytes)
        #expect(ProcessIO.read(4242, hybrid) != nil)
    }

    @Test("A process that has gone gives nothing")
    func goneProcess() {
        #expect(ProcessStat.read(4999, hybrid) == nil)
        #expect(ProcessStatus.read(4999, hybrid) == nil)
        #expect(SmapsRollup.read(4999, hybrid) == nil)
        #expect(ProcessIO.read(4999, hybrid) == nil)
        #expect(ProcessCgroup.read("4999", hybrid) == nil)
    }

    @Test("Kernel threads, zombies and old kernels lack lines")
    func partialStatus() throws {
        #expect(ProcessStatus(KernelText("Name:\tkthreadd\nPid:\t2\n")) == nil)
        let old = try #require(ProcessStatus(KernelText("PPid:\t3\nVmRSS:\t8 kB\n")))
        #expect(old.unreclaimableBytes == 8192)
        #expect(old.peakRSSBytes == 8192)
        #expect(old.parentID == 3)
        #expect(SmapsRollup(KernelText("Rss: 5 kB\n")) == nil)
        #expect(try #require(SmapsRollup(KernelText("Pss: 5 kB\n"))).unreclaimablePSSBytes == nil)
    }

    @Test("Storage I/O is told from what went through the cache")
    func processIO() throws {
        let text = "rchar: 6976\nwchar: 0\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n"
        let io = try #require(ProcessIO(KernelText(text)))
        #expect([io.readBytes, io.writeBytes, io.cancelledWriteBytes] == [4096, 8192, 1])
        #expect(ProcessIO(KernelText("rchar: 1\n")) == nil)
    }

    @Test("Memberships of all hierarchies are read")
    func processCgroup() throws {
        let own = try #require(ProcessCgroup.read("self", hybrid))
        #expect(own.path(controller: "memory") == "/job-1")
        #expect(own.path(controller: "cpuset") == "/")
        #expect(own.path(controller: "rdma") == nil)
        #expect(own.unifiedPath == "/job-1")
        let odd = try #require(ProcessCgroup(KernelText("4:cpu,cpuacct:/a:b/c d\nx:y:/z\n5:memory:relative\n")))
        #expect(odd.memberships == [.init(controllers: ["cpu", "cpuacct"], path: "/a:b/c d")])
        #expect(ProcessCgroup(KernelText("nothing\n")) == nil)
    }

    @Test("Mounts are read with optional fields and escaped paths")
    func mountInfo() throws {
        let text = """
            36 35 98:0 /a\\040b /mnt\\011x ro,noatime shared:1 master:2 - cgroup cgroup rw,cpu,cpuacct
            37 35 98:0 / /plain rw - cgroup2 cgroup2 rw
            38 35 98:0 / /short rw
            39 35 98:0 / /trailing\\ rw - tmpfs tmpfs rw
            """
        let mounts = try #require(MountInfo(KernelText(text + "\n"))).mounts
        #expect(mounts.count == 3)
        #expect(mounts[0].root == "/a b")
        #expect(mounts[0].mountPoint == "/mnt\tx")
        #expect(mounts[0].superOptions == ["rw", "cpu", "cpuacct"])
        #expect(mounts[0].isReadOnly)
        #expect(!mounts[1].isReadOnly)
        #expect(mounts[2].mountPoint == "/trailing\\")
        #expect(MountInfo(KernelText("")) == nil)
        #expect(try #require(MountInfo.read(hybrid)).mounts.filter { $0.fileSystem == "cgroup" }.count == 9)
    }

    @Test("This very process can be read")
    func live() {
        let roots = KernelRoots()
        #expect(KernelStat.read(roots) != nil)
        #expect(MemInfo.read(roots) != nil)
        #expect(LoadAverage.read(roots) != nil)
        #expect(MountInfo.read(roots) != nil)
    }
}
