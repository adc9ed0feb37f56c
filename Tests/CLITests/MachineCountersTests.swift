import Builds
import Testing

@testable import CLI

@Suite struct MachineCountersTests {
    private func counters(_ change: (inout MachineCounters) -> Void = { _ in }) -> MachineCounters {
        var counters = MachineCounters(bootSeconds: 100)
        counters.bootID = "boot"
        counters.cgroup = "/c"
        counters.cpuSeconds = 10
        counters.peakMemoryBytes = 1000
        counters.oomKills = 1
        counters.cacheHits = 5
        change(&counters)
        return counters
    }

    @Test("What happened between is the difference")
    func differences() {
        let usage = counters {
            $0.bootSeconds = 103
            $0.cpuSeconds = 14
            $0.peakMemoryBytes = 3000
            $0.oomKills = 2
            $0.cacheHits = 9
        }.usage(since: counters())
        #expect(usage.wallSeconds == 3 && usage.cpuSeconds == 4 && usage.oomKills == 1 && usage.cacheHits == 4)
        #expect(usage.peakMemoryBytes == 3000 && usage.memorySource == .sharedCgroup)
    }

    @Test("A high-water mark that did not rise says nothing about this step")
    func mark() {
        let usage = counters().usage(since: counters())
        #expect(usage.peakMemoryBytes == nil && usage.memorySource == nil)
    }

    @Test("Counters of another boot or another cgroup are not compared")
    func others() {
        let rebooted = counters { $0.bootID = "other" }.usage(since: counters())
        #expect(rebooted.wallSeconds == nil && rebooted.cpuSeconds == nil)
        let moved = counters { $0.cgroup = "/d" }.usage(since: counters())
        #expect(moved.wallSeconds == 0 && moved.cpuSeconds == nil)
    }

    @Test("A counter that went backwards is unknown, not negative")
    func backwards() {
        let usage = counters {
            $0.cpuSeconds = 1
            $0.cacheHits = 0
        }.usage(since: counters())
        #expect(usage.cpuSeconds == nil && usage.cacheHits == nil)
    }

    @Test("This machine has a clock, whatever else it lacks")
    func here() {
        let first = MachineCounters.now(environment: [:])
        #expect(first.bootSeconds > 0)
        #expect((MachineCounters.now(environment: [:]).usage(since: first).wallSeconds ?? -1) >= 0)
    }
}
