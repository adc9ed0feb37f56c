import Builds
import Glibc
import Testing

@testable import Telemetry

@Suite struct StepEvidenceTests {
    static func reaped(maxRSSBytes: Int64 = 0, user: Double = 0, system: Double = 0) -> ReapedUsage {
        var usage = rusage()
        usage.ru_maxrss = Int(maxRSSBytes / 1024)
        usage.ru_utime = timeval(tv_sec: Int(user), tv_usec: Int((user - user.rounded(.down)) * 1e6))
        usage.ru_stime = timeval(tv_sec: Int(system), tv_usec: Int((system - system.rounded(.down)) * 1e6))
        usage.ru_inblock = 2
        usage.ru_oublock = 4
        usage.ru_nvcsw = 10
        usage.ru_nivcsw = 3
        var reaped = ReapedUsage()
        reaped.add(usage)
        return reaped
    }

    @Test("Reaped processes add up; the largest stays the largest")
    func addition() {
        var reaped = Self.reaped(maxRSSBytes: 5 << 20, user: 1.5, system: 0.25)
        var second = rusage()
        second.ru_maxrss = 1024
        second.ru_utime = timeval(tv_sec: 2, tv_usec: 0)
        second.ru_inblock = -5
        second.ru_nvcsw = .max
        reaped.add(second)
        #expect(reaped.processCount == 2)
        #expect(reaped.userCPUSeconds == 3.5)
        #expect(reaped.systemCPUSeconds == 0.25)
        #expect(reaped.maxRSSBytes == 5 << 20)
        #expect(reaped.ioReadBytes == 1024)
        #expect(reaped.ioWriteBytes == 2048)
        #expect(reaped.voluntaryContextSwitches == .max)
        #expect(reaped.involuntaryContextSwitches == 3)
    }

    @Test("A cgroup that saw more CPU time than was reaped is believed, with its split or ours")
    func cpu() throws {
        var evidence = StepEvidence()
        evidence.reaped = Self.reaped(user: 3, system: 1)
        evidence.survivors.userCPUSeconds = 1
        #expect(evidence.usage.userCPUSeconds == 4)
        #expect(evidence.usage.systemCPUSeconds == 1)
        evidence.cgroupCPUTime = CgroupCPUTime(totalSeconds: 4.9)
        #expect(evidence.usage.userCPUSeconds == 4)
        evidence.cgroupCPUTime = CgroupCPUTime(totalSeconds: 10)
        #expect(evidence.usage.userCPUSeconds == 8)
        #expect(abs(try #require(evidence.usage.systemCPUSeconds) - 2) < 1e-9)
        evidence.cgroupCPUTime?.split(user: 1, system: 1)
        #expect(evidence.usage.userCPUSeconds == 5)
        #expect(evidence.usage.totalCPUSeconds == 10)
        var idle = StepEvidence()
        idle.cgroupCPUTime = CgroupCPUTime(totalSeconds: 2)
        #expect(idle.usage.totalCPUSeconds == 2)
    }

    @Test("A process smaller than the wrapper hides behind it; a larger one, or one seen alive, does not")
    func peakRSS() {
        var evidence = StepEvidence()
        evidence.wrapperPeakRSSBytes = 40 << 20
        evidence.reaped = Self.reaped(maxRSSBytes: 40 << 20)
        #expect(evidence.usage.peakRSSBytes == nil)
        #expect(evidence.usage.memorySource == nil)
        evidence.survivors.peakRSSBytes = 7 << 20
        #expect(evidence.usage.peakRSSBytes == 7 << 20)
        evidence.reaped = Self.reaped(maxRSSBytes: 60 << 20)
        #expect(evidence.usage.peakRSSBytes == 60 << 20)
        #expect(evidence.usage.memorySource == .largestProcess)
        #expect(evidence.usage.peakMemoryBytes == nil)
        #expect(evidence.usage.sizingPeakBytes == 60 << 20)
    }

    @Test("The step's own cgroup tells the peak; without a mark the largest sample does")
    func ownCgroup() {
        var evidence = StepEvidence()
        evidence.peaks.cgroup.add(CgroupMemory(currentBytes: 90, unreclaimableBytes: 50, reclaimableBytes: 40))
        evidence.account = .own(.v2, markBytes: 200)
        #expect(evidence.usage.memorySource == .cgroupV2)
        #expect(evidence.usage.peakMemoryBytes == 200)
        #expect(evidence.usage.unreclaimablePeakBytes == 160)
        evidence.account = .own(.v2, markBytes: nil)
        #expect(evidence.usage.peakMemoryBytes == 90)
        #expect(evidence.usage.unreclaimablePeakBytes == 50)
        evidence.account = .shared(markBytes: 95)
        #expect(evidence.usage.memorySource == .sharedCgroup)
        #expect(evidence.usage.unreclaimablePeakBytes == 55)
        evidence.peaks = Sampler.Peaks()
        evidence.account = .own(.v1, markBytes: nil)
        #expect(evidence.usage.memorySource == .cgroupV1)
        #expect(evidence.usage.peakMemoryBytes == nil)
    }

    /// What a mark and some samples say about the peak that cannot be reclaimed.
    struct Estimate: CustomTestStringConvertible {
        var testDescription: String
        var markBytes: Int64?
        /// Unreclaimable and reclaimable bytes.
        var samples: [(Int64, Int64)]
        var expected: Int64?
    }

    @Test(
        "The unreclaimable peak lies between the largest sample and the mark",
        arguments: [
            Estimate(testDescription: "no sample tells nothing", markBytes: 100, samples: [], expected: nil),
            Estimate(testDescription: "no mark leaves the sample", markBytes: nil, samples: [(60, 10)], expected: 60),
            Estimate(
                testDescription: "a short step, sampled at its end only", markBytes: 500, samples: [(0, 20)],
                expected: 480),
            Estimate(
                testDescription: "page cache pins the mark at the limit", markBytes: 1000,
                samples: [(300, 100), (310, 690)], expected: 310),
            Estimate(
                testDescription: "a sample beyond the mark, as counters lag, is cut", markBytes: 100,
                samples: [(104, 0)], expected: 100),
            Estimate(
                testDescription: "more cache than mark, as counters lag", markBytes: 100, samples: [(5, 120)],
                expected: 5),
        ])
    func unreclaimable(_ row: Estimate) {
        var peaks = CgroupMemoryPeaks()
        for (unreclaimable, reclaimable) in row.samples {
            peaks.add(
                CgroupMemory(
                    currentBytes: unreclaimable + reclaimable, unreclaimableBytes: unreclaimable,
                    reclaimableBytes: reclaimable))
        }
        #expect(peaks.unreclaimablePeakBytes(markBytes: row.markBytes) == row.expected)
    }

    @Test("Counters of the cgroup are handed on, and nothing is made up where there are none")
    func counters() {
        var evidence = StepEvidence()
        evidence.wallSeconds = 2
        evidence.reaped = Self.reaped()
        #expect(evidence.usage.oomKills == nil)
        #expect(evidence.usage.throttledSeconds == nil)
        #expect(evidence.usage.cpuPressureSeconds == nil)
        evidence.oomKills = 1
        evidence.throttledSeconds = 0.5
        evidence.pressureSeconds = [.cpu: 1, .memory: 2, .io: 3]
        var io = CgroupV2.IOStat(KernelText(""))
        io.readBytes = 5000
        io.writeBytes = 10
        evidence.cgroupIO = io
        evidence.survivors.ioWriteBytes = 1
        let usage = evidence.usage
        #expect(usage.wallSeconds == 2)
        #expect(usage.oomKills == 1)
        #expect(usage.throttledSeconds == 0.5)
        #expect(usage.cpuPressureSeconds == 1)
        #expect(usage.memoryPressureSeconds == 2)
        #expect(usage.ioPressureSeconds == 3)
        #expect(usage.ioReadBytes == 5000)
        #expect(usage.ioWriteBytes == 2049)
        #expect(usage.voluntaryContextSwitches == 10)
        #expect(usage.involuntaryContextSwitches == 3)
    }
}
