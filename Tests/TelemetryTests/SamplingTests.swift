import Testing

@testable import Telemetry

@Suite struct SamplingTests {
    let schedule = SamplingSchedule(fastestSeconds: 0.005, slowestSeconds: 0.25)

    @Test(
        "Samples are close together at the start of a step and far apart in a long one",
        arguments: [(0, 0.005), (0.03, 0.005), (0.08, 0.005), (1.6, 0.1), (4, 0.25), (3600, 0.25)])
    func interval(age: Double, expected: Double) {
        #expect(abs(schedule.interval(age: age, lastCost: 0.0001, totalCost: 0.0001) - expected) < 1e-12)
    }

    @Test("Dear samples are spread out, within bounds")
    func budget() {
        #expect(schedule.interval(age: 100, lastCost: 0.001, totalCost: 0.1) == 0.25)
        #expect(schedule.interval(age: 100, lastCost: 0.001, totalCost: 0.5) == 0.5)
        #expect(schedule.interval(age: 100, lastCost: 1, totalCost: 9) == 2)
    }

    @Test("A minute of ordinary samples costs less than 0.3 % of one CPU", arguments: [0.0001, 0.0005, 0.002, 0.004])
    func overhead(cost: Double) {
        var age = 0.0
        var total = 0.0
        while age < 60 {
            total += cost
            age += schedule.interval(age: age, lastCost: cost, totalCost: total)
        }
        #expect(total / 60 < 0.003)
    }

    @Test("A command of 30 ms gets several samples")
    func shortCommand() {
        var age = 0.0
        var count = 0
        while age < 0.03 {
            count += 1
            age += schedule.interval(age: age, lastCost: 0.0002, totalCost: 0.0002 * Double(count))
        }
        #expect(count >= 5)
    }

    private static func process(
        _ id: Int32, parent: Int32, rssKiB: Int, fileKiB: Int, pssKiB: Int?, marker: Int = 0
    ) -> [String: String] {
        var files = [
            "proc/\(id)/status": """
            PPid:\t\(parent)
            VmHWM:\t\(rssKiB + 1 + marker) kB
            VmRSS:\t\(rssKiB) kB
            RssAnon:\t\(rssKiB - fileKiB) kB
            RssFile:\t\(fileKiB) kB
            RssShmem:\t0 kB

            """
        ]
        if let pssKiB {
            files["proc/\(id)/smaps_rollup"] = "Pss: \(pssKiB) kB\nPss_Anon: \(pssKiB - 1) kB\nPss_Shmem: 0 kB\n"
        }
        return files
    }

    @Test("Proportional sizes are added up; a process without them counts in full; the dead are passed over")
    func tree() throws {
        let tree = try TemporaryTree(
            Self.process(2, parent: 1, rssKiB: 100, fileKiB: 20, pssKiB: 60).merging(
                Self.process(3, parent: 2, rssKiB: 50, fileKiB: 5, pssKiB: nil)
            ) { $1 })
        var peaks = TreeMemoryPeaks()
        peaks.sample([2, 3, 99], tree.roots)
        #expect(peaks.sampleCount == 1)
        #expect(peaks.rssBytes == 150 << 10)
        #expect(peaks.pssBytes == 110 << 10)
        #expect(peaks.unreclaimableBytes == (59 + 45) << 10)
        #expect(peaks.currentUnreclaimableBytes == (80 + 45) << 10)
        #expect(peaks.processPeakRSSBytes == 101 << 10)
        #expect(peaks.processFileBytes == 20 << 10)
        peaks.sample([], tree.roots)
        #expect(peaks.sampleCount == 1)
        #expect(peaks.currentUnreclaimableBytes == 0)
        #expect(peaks.rssBytes == 150 << 10)
    }

    @Test("A process that still runs on its parent's memory does not count twice; its equal by chance does")
    func vfork() throws {
        let tree = try TemporaryTree(
            Self.process(2, parent: 1, rssKiB: 100, fileKiB: 20, pssKiB: 60)
                .merging(Self.process(3, parent: 2, rssKiB: 100, fileKiB: 20, pssKiB: 60)) { $1 }
                .merging(Self.process(4, parent: 9, rssKiB: 100, fileKiB: 20, pssKiB: 60)) { $1 })
        var peaks = TreeMemoryPeaks()
        peaks.sample([2, 3, 4], tree.roots)
        #expect(peaks.rssBytes == 200 << 10)
        #expect(peaks.pssBytes == 120 << 10)
    }

    @Test("Without proportional sizes the sum is resident, and says so")
    func residentOnly() throws {
        let tree = try TemporaryTree(Self.process(2, parent: 1, rssKiB: 100, fileKiB: 20, pssKiB: nil))
        var evidence = StepEvidence()
        evidence.peaks.tree.sample([2], tree.roots)
        #expect(evidence.usage.memorySource == .sampledRSS)
        #expect(evidence.usage.peakMemoryBytes == 100 << 10)
        #expect(evidence.usage.unreclaimablePeakBytes == 80 << 10)
        #expect(evidence.usage.peakRSSBytes == 101 << 10)
        evidence.reaped = StepEvidenceTests.reaped(maxRSSBytes: 8 << 20)
        #expect(evidence.usage.memorySource == .largestProcess)
        #expect(evidence.usage.peakMemoryBytes == 8 << 20)
        #expect(evidence.usage.unreclaimablePeakBytes == (8 << 20) - (20 << 10))
    }

    /// `1 → 2 → 3`, and `2 → 4`; 5 belongs to someone else.
    private static let family: [String: String] = Dictionary(
        uniqueKeysWithValues: [(1, 0), (2, 1), (3, 2), (4, 2), (5, 77)].map { id, parent in
            ("proc/\(id)/stat", "\(id) (a) b) S \(parent) 1 1 0 -1 0 0 0 0 0 100 200 10 20 20 0 1 0 5\n")
        })

    @Test("Descendants are found by their parents where the kernel lists no children")
    func descendantsByParents() throws {
        let tree = try TemporaryTree(Self.family)
        let processes = ProcessTree(rootProcessID: 1, roots: tree.roots)
        #expect(!processes.hasChildrenFiles)
        #expect(Set(processes.descendants()) == [2, 3, 4])
        #expect(processes.descendants().first == 2)
        #expect(ProcessTree(rootProcessID: 3, roots: tree.roots).ancestorsAndSelf() == [1, 2, 3])
        #expect(ProcessTree(rootProcessID: 3, roots: tree.roots).descendants().isEmpty)
    }

    @Test("Descendants are found by the kernel's lists, over all threads of a process")
    func descendantsByChildren() throws {
        let tree = try TemporaryTree([
            "proc/1/task/1/children": "2 ", "proc/1/task/7/children": "4 ", "proc/2/task/2/children": "3 1 ",
            "proc/3/task/3/children": "", "proc/self/x": "",
        ])
        let processes = ProcessTree(rootProcessID: 1, roots: tree.roots)
        #expect(processes.hasChildrenFiles)
        #expect(Set(processes.descendants()) == [2, 3, 4])
    }

    @Test("Survivors count with what they have reaped; zombies and the dead do not")
    func survivors() throws {
        let tree = try TemporaryTree(Self.family.merging(["proc/2/io": "read_bytes: 5\nwrite_bytes: 6\n"]) { $1 })
        try tree.put("proc/3/stat", "3 (z) Z 2 1 1 0 -1 0 0 0 0 0 100 200 10 20 20 0 1 0 5\n")
        try tree.put("proc/2/status", "VmRSS:\t8 kB\n")
        let survivors = SurvivorUsage(of: [2, 3, 99], tree.roots)
        #expect(survivors.userCPUSeconds == 110.0 / Double(KernelStat.ticksPerSecond))
        #expect(survivors.systemCPUSeconds == 220.0 / Double(KernelStat.ticksPerSecond))
        #expect(survivors.ioReadBytes == 5)
        #expect(survivors.ioWriteBytes == 6)
        #expect(survivors.peakRSSBytes == 8192)
    }
}
