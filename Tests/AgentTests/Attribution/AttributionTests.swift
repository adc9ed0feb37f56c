import Builds
import Foundation
import Telemetry
import Testing

@testable import Agent

/// Whole looks at a proc file system in files.
@Suite struct AttributionTests {
    let fake: FakeProc

    init() throws {
        fake = try FakeProc()
        try fake.put(.init(id: 1, parent: 0, start: 1, command: "init"))
        try fake.put(.init(id: 30, start: 5, command: "runner"))
    }

    private func attribution(settle: Double = 0, reportInterval: Double = 60) throws -> Attribution {
        var configuration = Attribution.Configuration()
        configuration.roots = fake.roots
        configuration.usesExitRecords = false
        configuration.settleSeconds = settle
        configuration.reportIntervalSeconds = reportInterval
        configuration.kubeletPaths = []
        return try Attribution(configuration)
    }

    private static func variables(_ run: String, _ step: String? = nil) -> String {
        "PATH=/bin\0INFRAMIND_RUN_ID=\(run)\0" + (step.map { "INFRAMIND_STEP_ID=\($0)\0" } ?? "")
    }

    @Test("A build is followed from its variable to its end")
    func follows() throws {
        var attribution = try attribution(settle: 2)
        try fake.put(
            .init(id: 40, parent: 30, start: 1000, user: 100, environment: Self.variables("r", "s"), rssKibibytes: 4000)
        )
        #expect(attribution.observe(at: .test(1)).isEmpty)
        #expect(attribution.counts.followed == 1)
        #expect(attribution.nextLookSeconds <= Moment.test(1.1).monotonicSeconds + 1e-6)
        // A child without the variables is the step's by its parent; one that nobody sees is in its parent's account.
        try fake.put(.init(id: 41, parent: 40, start: 1100, user: 50, command: "cc1", rssKibibytes: 9000))
        try fake.change(40) { $0.reapedUser = 25 }
        #expect(attribution.observe(at: .test(2)).map(\.isFinal) == [false])
        try fake.end(41)
        try fake.change(40) { $0.user = 110 }
        try fake.end(40)
        // Told at once, and watched for a little longer.
        let finished = attribution.observe(at: .test(3))
        #expect(attribution.observe(at: .test(4)).isEmpty)
        #expect(attribution.counts.followed == 1)
        #expect(attribution.observe(at: .test(5)).isEmpty)
        #expect(finished.map(\.isFinal) == [true])
        #expect(finished.map(\.key.stepID) == ["s"])
        let usage = try #require(finished.first?.usage)
        #expect(abs((usage.totalCPUSeconds ?? 0) - 1.85) < 1e-9)
        #expect(finished.first?.cpuSource == .parent)
        #expect(usage.peakMemoryBytes == 13_000 << 10)
        #expect(usage.peakRSSBytes == 9000 << 10)
        #expect(usage.memorySource == .sampledRSS)
        #expect(usage.wallSeconds == 3)
        #expect(finished.first?.time == Moment.test(3).time)
        #expect(attribution.observe(at: .test(6)).isEmpty)
        #expect(attribution.counts.followed == 0)
    }

    @Test("A step that runs is told of at the second look at the earliest, when it is 1.5 s old, and then ever again")
    func early() throws {
        var attribution = try attribution(settle: 100, reportInterval: 10)
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r", "s")))
        var told: [Double] = []
        var lastCPU = 0.0
        for tenth in 5..<250 {
            let seconds = Double(tenth) / 10
            try fake.change(40) { $0.user = tenth * 10 }
            for reading in attribution.observe(at: .test(seconds)) {
                #expect(!reading.isFinal)
                #expect(reading.time == Moment.test(seconds).time)
                #expect(abs((reading.usage.wallSeconds ?? 0) - seconds) < 1e-6)
                #expect(reading.usage.totalCPUSeconds ?? 0 > lastCPU)
                lastCPU = reading.usage.totalCPUSeconds ?? 0
                told.append((seconds * 10).rounded() / 10)
            }
        }
        #expect(told.count == 3)
        for (time, expected) in zip(told, [1.5, 11.5, 21.5]) { #expect(abs(time - expected) < 0.15, "\(told)") }
        try fake.end(40)
        #expect(attribution.observe(at: .test(25)).map(\.isFinal) == [true])
        // Its next program is a beginning of its own.
        try fake.put(.init(id: 41, parent: 30, start: 3600, user: 10, environment: Self.variables("r", "s")))
        #expect(attribution.observe(at: .test(26)).isEmpty)
        #expect(attribution.observe(at: .test(27)).isEmpty)
        #expect(attribution.observe(at: .test(28)).map(\.isFinal) == [false])
        try fake.end(41)
        #expect(attribution.observe(at: .test(29)).map(\.isFinal) == [true])
    }

    @Test("A step that is old when it is found is told of at the second look")
    func oldWhenFound() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 100, user: 10, environment: Self.variables("r", "s")))
        #expect(attribution.observe(at: .test(50)).isEmpty)
        #expect(attribution.observe(at: .test(50.1)).map(\.isFinal) == [false])
    }

    @Test("Whoever was told that a script runs is told how it ended, though inframind run has taken over meanwhile")
    func toldToTheEnd() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r")))
        _ = attribution.observe(at: .test(1))
        #expect(attribution.observe(at: .test(2)).map(\.isFinal) == [false])
        try fake.put(
            .init(
                id: 41, parent: 40, start: 1250, command: "inframind", environment: Self.variables("r"),
                commandLine: "inframind\0run\0--\0make\0"))
        try fake.put(.init(id: 42, parent: 41, start: 1260, user: 500, environment: Self.variables("r", "s")))
        for second in [3.0, 100, 200] { #expect(attribution.observe(at: .test(second)).isEmpty) }
        for id in [42, 41, 40] as [Int32] { try fake.end(id) }
        #expect(attribution.observe(at: .test(201)).map(\.key.stepID) == [nil])
    }

    @Test("A zombie that nobody reaps is told of once")
    func zombie() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r")))
        _ = attribution.observe(at: .test(1))
        try fake.change(40) {
            $0.state = "Z"
            $0.user = 70
        }
        let finished = attribution.observe(at: .test(2))
        #expect(finished.map(\.cpuSource) == [.zombie])
        #expect(finished.map(\.usage.totalCPUSeconds) == [0.7])
        for second in [3.0, 10, 40] { #expect(attribution.observe(at: .test(second)).isEmpty) }
        #expect(attribution.counts.followed == 0)
    }

    @Test("A process belongs to the innermost step, and no second counts twice")
    func nested() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 100, environment: Self.variables("r", "outer")))
        try fake.put(.init(id: 41, parent: 40, start: 1010, user: 10, environment: Self.variables("r", "outer")))
        try fake.put(.init(id: 42, parent: 41, start: 1020, user: 300, environment: Self.variables("r", "inner")))
        try fake.put(.init(id: 43, parent: 42, start: 1030, user: 200))
        _ = attribution.observe(at: .test(1))
        try fake.end(43)
        try fake.end(42)
        let inner = attribution.observe(at: .test(2)).filter(\.isFinal)
        #expect(inner.map(\.key.stepID) == ["inner"])
        #expect(inner.first?.usage.totalCPUSeconds == 5)
        try fake.end(41)
        try fake.end(40)
        let outer = attribution.observe(at: .test(3))
        #expect(outer.map(\.key.stepID) == ["outer"])
        #expect(abs((outer.first?.usage.totalCPUSeconds ?? 0) - 1.1) < 1e-9)
    }

    @Test("A daemon that leaves its parents stays the step's, and the step lives as long as it")
    func daemon() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 100, environment: Self.variables("r")))
        try fake.put(.init(id: 41, parent: 40, start: 1010, user: 20))
        _ = attribution.observe(at: .test(1))
        try fake.end(40)
        #expect(attribution.observe(at: .test(2)).map(\.isFinal) == [false])
        try fake.change(41) { $0.user = 70 }
        #expect(attribution.observe(at: .test(3)).isEmpty)
        try fake.end(41)
        let finished = attribution.observe(at: .test(4))
        #expect(finished.count == 1)
        #expect(abs((finished.first?.usage.totalCPUSeconds ?? 0) - 1.7) < 1e-9)
    }

    @Test("A job that starts one program after the other is one step, told again with all of it")
    func again() throws {
        var attribution = try attribution()
        var totals: [Double] = []
        for round in Int32(0)..<3 {
            let start = Int64(1000 + 200 * round)
            try fake.put(
                .init(id: 40 + round, parent: 30, start: start, user: 100, environment: Self.variables("r")))
            #expect(attribution.observe(at: .test(Double(2 * round) + 0.5)).isEmpty)
            try fake.end(40 + round)
            for step in attribution.observe(at: .test(Double(2 * round) + 1.5)) {
                totals.append(step.usage.totalCPUSeconds ?? 0)
            }
        }
        #expect(totals == [1, 2, 3])
        #expect(attribution.counts.followedTotal == 1)
    }

    @Test("Two steps that one reaper reaped at once share what it gained")
    func together() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 100, environment: Self.variables("a")))
        try fake.put(.init(id: 50, parent: 30, start: 1000, user: 300, environment: Self.variables("b")))
        _ = attribution.observe(at: .test(1))
        try fake.change(40) { $0.user = 110 }
        try fake.change(50) { $0.user = 330 }
        try fake.end(40)
        try fake.end(50)
        let finished = attribution.observe(at: .test(2)).sorted { $0.key.runID < $1.key.runID }
        #expect(finished.map(\.cpuSource) == [.parentShared, .parentShared])
        #expect(finished.map { (($0.usage.totalCPUSeconds ?? 0) * 100).rounded() } == [110, 330])
    }

    @Test("What inframind run measures itself is not reported, nor is the script around it")
    func wrapped() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r")))
        try fake.put(
            .init(
                id: 41, parent: 40, start: 1010, command: "inframind", environment: Self.variables("r"),
                commandLine: "inframind\0run\0--\0make\0"))
        try fake.put(.init(id: 42, parent: 41, start: 1020, user: 500, environment: Self.variables("r", "s")))
        // Another run on the same node, whose script asks the same program a question first.
        try fake.put(
            .init(
                id: 60, parent: 30, start: 1020, command: "inframind", environment: Self.variables("q"),
                commandLine: "inframind\0optimize\0"))
        _ = attribution.observe(at: .test(1))
        for id in [42, 41, 40, 60] as [Int32] { try fake.end(id) }
        let finished = attribution.observe(at: .test(2))
        #expect(finished.map(\.key.runID) == ["q"])
        #expect(attribution.counts.wrappedTotal == 2)
    }

    @Test("Hostile environments and names neither crash nor name a step")
    func hostile() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, command: ") S 1 (", environment: "INFRAMIND_RUN_ID=a\nb\0"))
        try fake.put(.init(id: 41, parent: 30, start: 1000, command: "a\nb", environment: "INFRAMIND_RUN_ID\0=\0\0"))
        try fake.put(
            .init(
                id: 42, parent: 30, start: 1000,
                environment: String(repeating: "X=", count: 1 << 19) + "\0INFRAMIND_RUN_ID=ok"))
        try fake.write("nonsense", "proc/43/stat")
        _ = attribution.observe(at: .test(1))
        #expect(attribution.counts.followed == 1)
    }

    @Test("A node full of steps follows as many as it has room for")
    func overflow() throws {
        var attribution = try attribution()
        for id in Int32(100)..<700 {
            try fake.put(.init(id: id, parent: 30, start: 1000, environment: Self.variables("r\(id)")))
        }
        _ = attribution.observe(at: .test(1))
        #expect(attribution.counts.followed == 512)
        #expect(attribution.counts.overflowTotal == 88)
        _ = attribution.observe(at: .test(2))
        #expect(attribution.counts.overflowTotal == 88, "a step is counted once, not at each look")
        for id in Int32(100)..<200 { try fake.end(id) }
        for second in [3.0, 4] { _ = attribution.observe(at: .test(second)) }
        #expect(attribution.counts.followed == 500, "those that waited come in when others have gone")
    }

    // MARK: A cgroup of its own

    private func putCgroup(_ name: String, processes: [Int32], cpu: Int, peak: Int, kills: Int = 0) throws {
        let folder = "sys/fs/cgroup/\(name)"
        try fake.write(processes.map { "\($0)\n" }.joined(), folder + "/cgroup.procs")
        try fake.write("domain\n", folder + "/cgroup.type")
        try fake.write("memory cpu\n", folder + "/cgroup.controllers")
        try fake.write("usage_usec \(cpu)\nuser_usec \(cpu / 4 * 3)\nsystem_usec \(cpu / 4)\n", folder + "/cpu.stat")
        try fake.write("\(peak / 2)\n", folder + "/memory.current")
        try fake.write("\(peak)\n", folder + "/memory.peak")
        try fake.write("anon \(peak / 4)\nfile \(peak / 4)\n", folder + "/memory.stat")
        try fake.write("oom \(kills)\noom_kill \(kills)\n", folder + "/memory.events")
    }

    private func mountUnified() throws {
        try fake.write("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "proc/\(getpid())/mountinfo")
        try fake.write("0::/\n", "proc/\(getpid())/cgroup")
        try fake.write("", "sys/fs/cgroup/cgroup.procs")
        try fake.write("memory cpu\n", "sys/fs/cgroup/cgroup.controllers")
    }

    @Test(
        "A cgroup's numbers count when it holds the step and nobody else",
        arguments: [
            // A container made for the build.
            (0.5, [Int32](), CPUSource.cgroup, MemorySource.cgroupV2, 9.0, 1 << 30),
            // One that others have used before: neither its counter nor its old mark is the build's.
            (700, [], .cgroup, .cgroupV2, 9.0, 1 << 29),
            // One that somebody else lives in.
            (0.5, [30], .parent, .sampledRSS, 1.0, 1000 << 10),
        ])
    func ownCgroup(
        before: Double, others: [Int32], source: CPUSource, memory: MemorySource, cpu: Double, peak: Int
    ) throws {
        try mountUnified()
        try putCgroup("job", processes: [40] + others, cpu: Int(before * 1e6), peak: 1 << 30)
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 50, environment: Self.variables("r", "s")))
        try fake.write("0::/job\n", "proc/40/cgroup")
        var attribution = try attribution()
        _ = attribution.observe(at: .test(1))
        try fake.change(40) { $0.user = 100 }
        try fake.end(40)
        try putCgroup("job", processes: others, cpu: Int((before + 8.5) * 1e6), peak: 1 << 30, kills: 2)
        let finished = try #require(attribution.observe(at: .test(2)).first)
        #expect(finished.cpuSource == source)
        #expect(abs((finished.usage.totalCPUSeconds ?? 0) - cpu) < 1e-6)
        #expect(finished.usage.memorySource == memory)
        #expect(finished.usage.peakMemoryBytes == Int64(peak))
        #expect(finished.usage.oomKills == (source == .cgroup ? 2 : nil))
    }

    @Test(
        "A stranger in the step's cgroup ends its claim to the counters, a passing one does not",
        arguments: [(1, CPUSource.cgroup), (2, .parent)])
    func stranger(looks: Int, source: CPUSource) throws {
        try mountUnified()
        try putCgroup("job", processes: [40], cpu: 500_000, peak: 1 << 30)
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 50, environment: Self.variables("r", "s")))
        try fake.write("0::/job\n", "proc/40/cgroup")
        var attribution = try attribution()
        _ = attribution.observe(at: .test(1))
        for look in 0..<looks {
            try putCgroup("job", processes: [40, 30], cpu: 600_000, peak: 1 << 30)
            _ = attribution.observe(at: .test(2 + Double(look)))
        }
        try putCgroup("job", processes: [40], cpu: 600_000, peak: 1 << 30)
        _ = attribution.observe(at: .test(5))
        try fake.end(40)
        try putCgroup("job", processes: [], cpu: 700_000, peak: 1 << 30)
        #expect(attribution.observe(at: .test(6)).map(\.cpuSource) == [source])
    }

    @Test("A step of a child that a shell starts with other variables is found, though it was forked with the shell's")
    func execve() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r", "outer")))
        // Forked a moment ago: it still shows the environment of the shell.
        try fake.put(.init(id: 41, parent: 40, start: 1090, environment: Self.variables("r", "outer")))
        _ = attribution.observe(at: .test(1))
        #expect(attribution.counts.followed == 1)
        try fake.change(41) { $0.environment = Self.variables("r", "inner") }
        try fake.change(41) { $0.user = 200 }
        _ = attribution.observe(at: .test(1.5))
        #expect(attribution.counts.followed == 2)
        try fake.end(41)
        #expect(attribution.observe(at: .test(2)).map(\.usage.totalCPUSeconds) == [2])
        try fake.end(40)
        let outer = attribution.observe(at: .test(3))
        #expect(outer.map(\.key.stepID) == ["outer"])
        #expect(abs((outer.first?.usage.totalCPUSeconds ?? 0) - 0.1) < 1e-9)
    }

    @Test("Processes that are gone between the list and the reading leave nothing behind")
    func races() throws {
        var attribution = try attribution()
        try fake.put(.init(id: 40, parent: 30, start: 1000, user: 10, environment: Self.variables("r")))
        _ = attribution.observe(at: .test(1))
        // The children file still names 77, whose directory is empty, and 40 names itself as its own descendant.
        try fake.write("77 40 ", "proc/40/task/40/children")
        try fake.write("", "proc/77/stat")
        _ = attribution.observe(at: .test(2))
        #expect(attribution.counts.followed == 1)
        try fake.end(40)
        let finished = attribution.observe(at: .test(3))
        #expect(finished.count == 1)
        #expect(abs((finished.first?.usage.totalCPUSeconds ?? 0) - 0.1) < 1e-9)
    }
}
