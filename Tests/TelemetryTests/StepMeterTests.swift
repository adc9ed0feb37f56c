import Builds
import Glibc
import Testing

@testable import Telemetry

/// Real processes, one test at a time: entering a cgroup moves the whole test process.
///
/// Tests of other suites may spawn processes meanwhile, so only lower bounds are tight.
@Suite(.serialized) struct StepMeterTests {
    static let canMakeCgroups: Bool = {
        let request = StepCgroup.Request(tree: ProcessTree(rootProcessID: getpid()))
        return (try? StepCgroup.make(CgroupLayout.locate(KernelRoots()), request))?.remove() ?? false
    }()

    static let needsCgroup: Comment = "needs a cgroup with the memory controller that this user may divide"

    /// Holds this many MiB in one process until standard input ends: `tail` keeps a line it has not seen the end of.
    private static func holding(mebibytes: Int) -> String {
        "exec 3>&1; { head -c \(mebibytes << 20) /dev/zero; echo held >&3; cat; } | tail -n 1 > /dev/null"
    }

    /// More than this process ever held, some 65 MiB: the kernel counts that as its child's peak, so a smaller one is hidden.
    @Test("A command that holds 128 MiB is measured by its own cgroup", .enabled(if: canMakeCgroups, needsCgroup))
    func ownCgroup() throws {
        let meter = StepMeter.start()
        #expect(meter.hasOwnCgroup)
        let command = try Command(Self.holding(mebibytes: 128), meter: meter)
        #expect(command.output() == "held\n")
        command.release()
        let usage = meter.finish(command.wait().reaped)
        #expect([.cgroupV1, .cgroupV2].contains(try #require(usage.memorySource)))
        let peak = try #require(usage.peakMemoryBytes)
        let unreclaimable = try #require(usage.unreclaimablePeakBytes)
        #expect(peak >= 128 << 20)
        #expect(peak < 224 << 20)
        #expect(unreclaimable >= 127 << 20)
        #expect(unreclaimable <= peak)
        #expect(try #require(usage.peakRSSBytes) >= 128 << 20)
        #expect(try #require(usage.totalCPUSeconds) > 0)
        #expect(try #require(usage.wallSeconds) > 0)
        #expect(usage.oomKills == 0)
        #expect(meter.finish(ReapedUsage()) == usage)
        #expect(meter.notes.isEmpty)
    }

    @Test("A command of some milliseconds has an exact peak", .enabled(if: canMakeCgroups, needsCgroup))
    func shortCommand() throws {
        let meter = StepMeter.start()
        let command = try Command("head -c 33554432 /dev/zero | tail -n 1 > /dev/null", meter: meter)
        let usage = meter.finish(command.wait().reaped)
        #expect(try #require(usage.peakMemoryBytes) >= 32 << 20)
        #expect(try #require(usage.unreclaimablePeakBytes) >= 31 << 20)
    }

    @Test("Without a cgroup the process tree is sampled while it holds memory")
    func sampledTree() throws {
        // The shell between stands for the wrapper: of this test's own process others may spawn children, too.
        let wrapper = try Command("sh -c '\(Self.holding(mebibytes: 64))'; :")
        var configuration = StepMeter.Configuration()
        configuration.wantsOwnCgroup = false
        configuration.memoryLimitBytes = 1 << 30
        configuration.wrapperProcessID = wrapper.processID
        let meter = StepMeter.start(configuration)
        #expect(!meter.hasOwnCgroup)
        #expect(meter.notes == ["limits are not enforced: the step has no cgroup of its own"])
        meter.enter()
        #expect(wrapper.output() == "held\n")
        meter.leave()
        let deadline = monotonicSeconds() + 30
        while meter.reading().peakUnreclaimableBytes ?? 0 < 60 << 20, monotonicSeconds() < deadline { sched_yield() }
        wrapper.release()
        let usage = meter.finish(wrapper.wait().reaped, wallSeconds: 3)
        #expect(usage.wallSeconds == 3)
        #expect([.sampledPSS, .largestProcess, .sampledRSS].contains(try #require(usage.memorySource)))
        #expect(try #require(usage.peakMemoryBytes) >= 64 << 20)
        #expect(try #require(usage.peakMemoryBytes) < 96 << 20)
        #expect(try #require(usage.unreclaimablePeakBytes) >= 60 << 20)
        #expect(try #require(usage.peakRSSBytes) >= 64 << 20)
        #expect(usage.cpuPressureSeconds == nil)
    }

    @Test("A daemon that forks twice is measured, and outlives its step", .enabled(if: canMakeCgroups, needsCgroup))
    func daemon() throws {
        let meter = StepMeter.start()
        // The inner shell is orphaned at once; it tells its number and holds memory until the test lets it go.
        let daemon = "head -c 50331648 /dev/zero | { tail -n 1 > /dev/null; }; echo $$; cat <&4"
        let command = try Command("exec 4<&0; ( setsid sh -c '\(daemon)' & ); exit 0", meter: meter)
        let reaped = command.wait().reaped
        let daemonID = try #require(Int32(command.output().dropLast()))
        let usage = meter.finish(reaped)
        #expect(try #require(usage.peakMemoryBytes) >= 48 << 20)
        #expect(try #require(usage.totalCPUSeconds) > 0)
        let home = try #require(CgroupLayout.locate(KernelRoots()).memory)
        #expect(try home.processes().contains(daemonID))
        #expect(meter.notes.isEmpty)
        kill(daemonID, SIGKILL)
    }

    @Test(
        "An OOM kill is counted, though the shell that reports it exits with 0",
        .enabled(if: canMakeCgroups, needsCgroup))
    func oomKill() throws {
        let layout = CgroupLayout.locate(KernelRoots())
        let cgroup = try StepCgroup.make(layout, .init(tree: ProcessTree(rootProcessID: getpid())))
        defer { cgroup.remove() }
        // The limit is set only once the command waits inside, so that nobody else can be hit by it.
        let command = try Command("echo ready; read go; head -c 200M /dev/zero | tail -n 1; exit 0", cgroup: cgroup)
        #expect(command.output() == "ready\n")
        #expect(try cgroup.memory.processes() == [command.processID])
        try CgroupMemory.setLimit(bytes: 32 << 20, of: cgroup.memory)
        command.release()
        #expect(command.wait().status == 0)
        #expect(try #require(CgroupMemory.oomKills(cgroup.memory)) >= 1)
        #expect(CgroupMemory.peakBytes(cgroup.memory).map { $0 <= 32 << 20 } ?? true)
    }

    @Test("Limits are put on the step's own cgroup", .enabled(if: canMakeCgroups, needsCgroup))
    func limits() throws {
        let layout = CgroupLayout.locate(KernelRoots())
        let tree = ProcessTree(rootProcessID: getpid())
        let cgroup = try StepCgroup.make(layout, .init(memoryLimitBytes: 1 << 30, cpuLimitMillicores: 1500, tree: tree))
        defer { cgroup.remove() }
        #expect(CgroupMemory.limitBytes(cgroup.memory) == 1 << 30)
        if let cpu = cgroup.cpuLimit {
            #expect(CgroupCPUQuota.millicores(cpu) == 1500)
            #expect(cgroup.notes.isEmpty)
        } else {
            #expect(cgroup.notes.count == 1)
        }
    }

    @Test(
        "A meter that is dropped, and one that has been finished, leave no directory behind",
        .enabled(if: canMakeCgroups, needsCgroup))
    func noGarbage() throws {
        let home = try #require(CgroupLayout.locate(KernelRoots()).memory)
        func left() -> [String] {
            home.childNames().filter { $0.hasPrefix("inframind-step-\(getpid())-") }
        }
        do {
            let meter = StepMeter.start()
            #expect(left().count == 1)
            withExtendedLifetime(meter) {}
        }
        #expect(left().isEmpty)
        let meter = StepMeter.start()
        let command = try Command("exit 3", meter: meter)
        #expect(command.wait().status >> 8 == 3)
        _ = meter.finish(ReapedUsage())
        #expect(left().isEmpty)
        #expect(try ProcessCgroup(KernelText(path: "/proc/self/cgroup")) != nil)
    }

    @Test(
        "Processes in cgroups made below the step's are brought home as well",
        .enabled(if: canMakeCgroups, needsCgroup))
    func nested() throws {
        let layout = CgroupLayout.locate(KernelRoots())
        let cgroup = try StepCgroup.make(layout, .init(tree: ProcessTree(rootProcessID: getpid())))
        let command = try Command("echo ready; cat > /dev/null", cgroup: cgroup)
        #expect(command.output() == "ready\n")
        let inner = cgroup.memory.child("inner")
        try inner.make()
        try inner.write("\(command.processID)", to: "cgroup.procs")
        #expect(cgroup.remove())
        #expect(!cgroup.memory.has("cgroup.procs"))
        command.release()
        #expect(command.wait().status == 0)
    }
}
