import Telemetry
import Testing

@testable import Agent

/// Times in whole seconds; user time only where nothing else is said.
@Suite struct StepAccountTests {
    private func process(
        _ id: Int32, parent: Int32, own: Double = 0, reaped: Double = 0, start: Int64 = 1, state: String = "S",
        threads: Int = 1
    ) throws -> ProcessStat {
        let text =
            "\(id) (x) \(state) \(parent) 1 1 0 -1 0 0 0 0 0 \(Int(own * 100)) 0 \(Int(reaped * 100)) 0 20 0 \(threads) 0 \(start) 0 0\n"
        return try #require(ProcessStat(KernelText(text), ticksPerSecond: 100))
    }

    private func advance(
        _ account: inout StepAccount, _ readings: [ProcessStat], alive: [ProcessStat] = []
    ) -> [StepAccount.EndedRoot] {
        account.advance(readings) { id, start in
            (readings + alive).contains { $0.processID == id && $0.startTicks == start }
        }
    }

    @Test("The living and what they reaped add up, whatever came and went between two looks")
    func living() throws {
        var account = StepAccount()
        var ended = advance(&account, [try process(10, parent: 1, own: 1), try process(11, parent: 10, own: 2)])
        #expect(ended.isEmpty)
        #expect(account.cpu.total == 3)
        #expect(account.rootIDs == [10])
        // 11 and many others have been reaped by 10.
        ended = advance(&account, [try process(10, parent: 1, own: 1, reaped: 9)])
        #expect(ended.isEmpty)
        #expect(account.cpu.total == 10)
        ended = advance(&account, [])
        #expect(ended.map(\.processID) == [10])
        #expect(ended.first?.parentID == 1)
        #expect(ended.first?.floor.total == 10)
        account.finish(CPUSeconds(user: 12), .parent)
        #expect(account.cpu.total == 12)
        #expect(account.source == .parent)
    }

    @Test("A root that is a zombie closes its own account, once")
    func zombie() throws {
        var account = StepAccount()
        _ = advance(&account, [try process(10, parent: 1, own: 1)])
        let zombie = try process(10, parent: 1, own: 2, reaped: 5, state: "Z")
        for _ in 0..<2 {
            #expect(advance(&account, [zombie]).isEmpty)
            #expect(account.cpu.total == 7)
        }
        #expect(advance(&account, []).isEmpty)
        #expect(account.cpu.total == 7)
        #expect(account.source == .zombie)
    }

    @Test("A process whose first thread has ended goes on with the others")
    func zombieLeader() throws {
        var account = StepAccount()
        _ = advance(&account, [try process(10, parent: 1, own: 2, state: "Z", threads: 3)])
        _ = advance(&account, [try process(10, parent: 1, own: 5, state: "Z", threads: 2)])
        #expect(account.cpu.total == 5)
        #expect(account.source == nil)
        _ = advance(&account, [try process(10, parent: 1, own: 6, state: "Z")])
        #expect(account.cpu.total == 6)
        #expect(account.source == .zombie)
    }

    @Test("A daemon that leaves its parents is a root of its own from then on")
    func reparented() throws {
        var account = StepAccount()
        _ = advance(
            &account,
            [
                try process(10, parent: 1, own: 1), try process(11, parent: 10, own: 1),
                try process(12, parent: 11, own: 3),
            ])
        let ended = advance(&account, [try process(12, parent: 1, own: 4)])
        #expect(ended.map(\.processID) == [10])
        #expect(ended.first?.members.keys.sorted() == [10, 11])
        account.finish(CPUSeconds(user: 2), .exitRecords)
        #expect(account.rootIDs == [12])
        #expect(account.cpu.total == 6)
    }

    @Test("A process ID used again ends the old root")
    func reuse() throws {
        var account = StepAccount()
        _ = advance(&account, [try process(10, parent: 1, own: 5)])
        let ended = advance(&account, [try process(10, parent: 1, own: 1, start: 2)])
        #expect(ended.map(\.floor.total) == [5])
        #expect(account.cpu.total == 1)
    }

    @Test("A process that turns out to be an inner step's takes its account along")
    func moved() throws {
        var outer = StepAccount()
        let inner = try process(11, parent: 10, own: 2)
        _ = advance(&outer, [try process(10, parent: 1, own: 1), inner])
        let ended = advance(&outer, [try process(10, parent: 1, own: 1)], alive: [inner])
        #expect(ended.isEmpty)
        #expect(outer.cpu.total == 1)
        // When it has ended, 10 reaps it: what it used is the inner step's all the same.
        outer.enclose(CPUSeconds(user: 7))
        _ = advance(&outer, [try process(10, parent: 1, own: 1, reaped: 7)])
        #expect(outer.cpu.total == 1)
    }

    @Test("A step of several roots is as good as its worst source")
    func worst() {
        var account = StepAccount()
        account.finish(.zero, .exitRecords)
        account.finish(.zero, .sampled)
        account.finish(.zero, .parent)
        #expect(account.source == .sampled)
    }

    // MARK: How a root ended

    private func root(_ members: [Int32: (parent: Int32, own: Double, reaped: Double)], id: Int32 = 10)
        -> StepAccount.EndedRoot
    {
        StepAccount.EndedRoot(
            processID: id, parentID: 1,
            members: members.mapValues {
                StepAccount.Member(
                    startTicks: 1, parentID: $0.parent, rootID: id, own: CPUSeconds(user: $0.own),
                    reaped: CPUSeconds(user: $0.reaped))
            })
    }

    private func siblings(_ growth: Double?, _ floors: [Double]) -> RootEnding.Siblings {
        RootEnding.Siblings(
            reaper: growth.map { .init(before: CPUSeconds(user: 100), after: CPUSeconds(user: 100 + $0)) },
            floors: floors.map { CPUSeconds(user: $0) })
    }

    @Test("What the reaper gained is believed within what is possible")
    func reaper() {
        let ended = root([10: (1, 2, 8)])
        for (growth, floors, expected, source) in [
            (11.0, [10.0], 11.0, CPUSource.parent),
            (9.98, [10], 9.98, .parent),  // two ticks short
            (9, [10], 10, .sampled),  // it has not been reaped by this one
            (40, [10], 10, .sampled),  // others must have been reaped as well
            (nil, [10], 10, .sampled),
            (33, [10, 20], 11, .parentShared),
        ] as [(Double?, [Double], Double, CPUSource)] {
            let judged = RootEnding.judge(
                ended, ledger: nil, siblings: siblings(growth, floors), mostSeconds: 4)
            #expect(abs(judged.cpu.total - expected) < 1e-9)
            #expect(judged.source == source)
        }
    }

    private func ledger(
        _ exits: [(id: Int32, parent: Int32, cpu: Double)], threads: [(of: Int32, id: Int32, cpu: Double)] = []
    ) -> ExitLedger {
        var ledger = ExitLedger()
        for exit in exits {
            ledger.add(
                ExitRecord(
                    processID: exit.id, parentID: exit.parent, cpuSeconds: exit.cpu, peakRSSBytes: Int64(exit.id)))
        }
        for thread in threads {
            var record = ExitRecord(processID: thread.of, parentID: 1, cpuSeconds: thread.cpu, peakRSSBytes: 0)
            record.isLeader = false
            record.isWholeProcess = thread.id == 0
            ledger.add(record)
        }
        return ledger
    }

    @Test("Exit records add those that were never seen, by their parents, and those seen by what they did since")
    func exits() {
        let ended = root([10: (1, 1, 5), 11: (10, 2, 3)])
        // 20 was 11's child and 21 was 20's: neither was ever seen. 90 is somebody else's.
        let whole = ledger([(21, 20, 0.5), (20, 11, 0.25), (11, 10, 2.5), (90, 80, 9), (10, 1, 1.5)])
        let judged = RootEnding.judge(ended, ledger: whole, siblings: siblings(30, [11]), mostSeconds: 4)
        #expect(judged.cpu.total == 5 + 3 + 1.5 + 2.5 + 0.25 + 0.5)
        #expect(judged.source == .exitRecords)
        var lossy = whole
        lossy.noteLoss()
        #expect(RootEnding.judge(ended, ledger: lossy, siblings: siblings(12, [11]), mostSeconds: 4).source == .parent)
        let without = ledger([(11, 10, 2.5)])
        #expect(
            RootEnding.judge(ended, ledger: without, siblings: siblings(nil, [11]), mostSeconds: 4).source == .sampled)
    }

    @Test("Of a process with threads the sum for all of it counts, once")
    func threads() {
        let ended = root([10: (1, 1, 0)])
        let whole = ledger([(10, 1, 0.5)], threads: [(10, 31, 2), (10, 32, 3), (10, 0, 5.5)])
        let judged = RootEnding.judge(ended, ledger: whole, siblings: siblings(nil, [1]), mostSeconds: 16)
        #expect(judged.cpu.total == 5.5)
    }

    @Test("A ledger keeps only whom it is told to, and forgets its losses")
    func forgetting() {
        var heard = ledger([(10, 1, 1), (11, 10, 1)])
        heard.noteLoss()
        heard.forget { $0 == 11 }
        #expect(heard.exits.keys.sorted() == [11])
        #expect(heard.isWhole)
        #expect(heard.ancestor(of: 11) { $0 == 10 ? "root" : nil } == "root")
        // Parents that go round in a circle, which no kernel gives, end the search.
        #expect(ledger([(1, 2, 0), (2, 1, 0)]).ancestor(of: 1) { $0 == 99 ? 0 : nil } == nil)
    }
}
