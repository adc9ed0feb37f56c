import Foundation
import Telemetry
import Testing

@testable import Agent

@Suite struct ProcessTableTests {
    static let carrier = "PATH=/bin\0INFRAMIND_RUN_ID=r-1\0INFRAMIND_STEP_ID=s-1\0"

    @Test("Of ten thousand processes that are known a second look opens none")
    func cost() throws {
        let fake = try FakeProc(latestID: 20_000)
        for id in Int32(2)..<10_002 {
            try fake.write("\(id) (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10 0 0\n", "proc/\(id)/stat")
            try fake.write(id == 777 ? Self.carrier : "PATH=/bin\0", "proc/\(id)/environ")
        }
        try fake.write("Tgid:\t777\n", "proc/777/status")
        let proc = try ProcDirectory(fake.roots)
        var table = ProcessTable(proc)
        table.refresh(at: .test(0))
        #expect(table.count == 10_000)
        #expect(proc.openCount == 1 + 2 * 10_000 + 1)
        // Later looks read where the turn of the IDs is, and nothing else; the whole list after half a minute as well.
        for second in [1.0, 2, 3, 31, 32] {
            let before = proc.openCount
            table.refresh(at: .test(second))
            #expect(proc.openCount - before == 1)
        }
        // Three IDs were given out: a thread, a process that is gone again, and a build.
        try fake.write("20002 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4100 0 0\n", "proc/20002/stat")
        try fake.write(Self.carrier, "proc/20002/environ")
        try fake.write("Tgid:\t777\n", "proc/20002/status")
        try fake.put(.init(id: 20_003, start: 4100, environment: Self.carrier))
        try fake.setLatestID(20_003)
        let before = proc.openCount
        table.refresh(at: .test(33))
        #expect(proc.openCount - before < 12)
        #expect(table.carrierIDs == [777, 20_003])
        #expect(table.count == 10_002)
    }

    @Test("An ID used again is another process, noticed when the turn has passed it")
    func reuse() throws {
        let fake = try FakeProc(latestID: 500)
        try fake.put(.init(id: 40, start: 10, environment: "A=1\0"))
        try fake.put(.init(id: 41, start: 10, environment: Self.carrier))
        try fake.put(.init(id: 300, start: 10, environment: "A=1\0"))
        let proc = try ProcDirectory(fake.roots)
        var table = ProcessTable(proc)
        table.refresh(at: .test(0))
        #expect(table.carrierIDs == [41])
        // The IDs have wrapped around and reached 42: 40 and 41 are others now, and 300 cannot be.
        try fake.put(.init(id: 40, start: 1050, environment: Self.carrier))
        try fake.put(.init(id: 41, start: 1051, environment: "A=1\0"))
        try fake.setLatestID(42)
        let before = proc.openCount
        table.refresh(at: .test(1))
        #expect(table.carrierIDs == [40])
        #expect(table[40]?.startTicks == 1050)
        #expect(proc.openCount - before == 6)  // the turn, and of one its status too
    }

    @Test("A process caught before its execve is looked at again while it is young")
    func young() throws {
        let fake = try FakeProc()
        try fake.put(.init(id: 40, start: 990, environment: "A=1\0"))  // a tenth of a second old
        var table = ProcessTable(try ProcDirectory(fake.roots))
        table.refresh(at: .test(0))
        #expect(table.carrierIDs.isEmpty)
        try fake.change(40) { $0.environment = Self.carrier }
        table.refresh(at: .test(1))
        #expect(table.carrierIDs == [40])
        // Now it is settled: what the file says no longer matters.
        try fake.change(40) { $0.environment = "A=1\0" }
        table.refresh(at: .test(2))
        #expect(table.carrierIDs == [40])
    }

    @Test("Where the turn is not known everything is read again every half minute")
    func otherNamespace() throws {
        let fake = try FakeProc()
        unlink(fake.path + "/proc/self")
        symlink("1", fake.path + "/proc/self")
        try fake.put(.init(id: 40, start: 10, environment: "A=1\0"))
        let proc = try ProcDirectory(fake.roots)
        var table = ProcessTable(proc)
        table.refresh(at: .test(0))
        try fake.put(.init(id: 40, start: 1001, environment: Self.carrier))
        table.refresh(at: .test(10))
        #expect(table.carrierIDs.isEmpty)
        table.refresh(at: .test(31))
        #expect(table.carrierIDs == [40])
    }

    @Test("A process that shows only after its ID was given out is found at the next look")
    func slowFork() throws {
        let fake = try FakeProc(latestID: 500)
        var table = ProcessTable(try ProcDirectory(fake.roots))
        for second in 0..<2 { table.refresh(at: .test(Double(second))) }
        try fake.setLatestID(503)
        table.refresh(at: .test(2))
        try fake.put(.init(id: 502, start: 1200, environment: Self.carrier))
        try fake.setLatestID(505)
        table.refresh(at: .test(3))
        #expect(table.carrierIDs == [502])
    }

    @Test("What was started since the last look is taken in at once when asked for, and tried again in its turn")
    func anticipates() throws {
        let fake = try FakeProc(latestID: 500)
        let proc = try ProcDirectory(fake.roots)
        var table = ProcessTable(proc)
        for second in 0..<2 { table.refresh(at: .test(Double(second))) }
        try fake.put(.init(id: 501, start: 1150, environment: Self.carrier))
        try fake.setLatestID(503)
        table.anticipate(at: .test(1.5))
        #expect(table.carrierIDs == [501])
        // One whose ID had been given out by then, and one that is too far away for a guess.
        try fake.put(.init(id: 503, start: 1150, environment: Self.carrier))
        table.refresh(at: .test(2))
        #expect(table.carrierIDs == [501, 503])
        try fake.put(.init(id: 600, start: 1250, environment: Self.carrier))
        let before = proc.openCount
        table.anticipate(at: .test(2.5))
        #expect(proc.openCount - before == 1)
        #expect(table.carrierIDs == [501, 503])
    }

    @Test("Processes that go are forgotten, unreadable ones counted")
    func gone() throws {
        let fake = try FakeProc()
        for id in Int32(40)..<50 { try fake.put(.init(id: id, start: 10, environment: Self.carrier)) }
        unlink(fake.path + "/proc/49/environ")
        var table = ProcessTable(try ProcDirectory(fake.roots))
        table.refresh(at: .test(0))
        #expect(table.carrierIDs.count == 9)
        #expect(table.refusedCount == 1)
        for id in Int32(40)..<48 { try fake.end(id) }
        table.refresh(at: .test(31))
        #expect(table.carrierIDs == [48])
        #expect(table.count == 2)
    }

    @Test(
        "The turn of process IDs goes round",
        arguments: [
            (PassedIDs(after: 10, upTo: 20), [11, 20], [10, 21, 5]),
            (PassedIDs(after: 900, upTo: 5), [901, 5, 1], [900, 6]),
            (PassedIDs(after: 7, upTo: 7), [], [6, 7, 8]), (.all, [1, 7], []), (.none, [], [1, 7]),
        ] as [(PassedIDs, [Int32], [Int32])])
    func circle(passed: PassedIDs, inside: [Int32], outside: [Int32]) {
        for process in inside { #expect(passed.contains(process)) }
        for process in outside { #expect(!passed.contains(process)) }
    }

    @Test(
        "A key needs a run, and names nothing unusable",
        arguments: [
            ([.text("r"), .missing, .missing], "r", nil), ([.text("r"), .text("s"), .text("p")], "r", "s"),
            ([.missing, .text("s"), .missing], nil, nil), ([.unusable, .missing, .missing], nil, nil),
            ([.text("r"), .unusable, .missing], nil, nil), ([.text("r"), .missing, .unusable], "r", nil),
        ] as [([ProcessEnvironment.Value], String?, String?)])
    func keys(values: [ProcessEnvironment.Value], run: String?, step: String?) {
        let key = StepKey(environment: values)
        #expect(key?.runID == run)
        #expect(key?.stepID == step)
    }
}
