import Builds
import Testing

@testable import Storage

/// Rows that are written together.
extension StoreConformance {
    @Test("Among many rows those that do not fit are found, and the others are written", arguments: StoreBackend.all)
    func misfits(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            _ = try await store.start(sampleRun("known"), tenant: tenant)
            let ids = (0..<90).map { $0 % 30 == 7 ? "known" : "r\($0)" }
            let rows = try ids.map { try RowWrite(starting: sampleRun($0), tenant) }
            let left = try await store.write { try $0.write(.runStart, rows) }
            #expect(left == [7, 37, 67])
            let kept = try await store.runs(of: "app", before: nil, limit: 1000, tenant: tenant)
            #expect(kept.map(\.number) == (1...88).reversed())
            #expect(try await store.counts()["runs"] == 88)
        }
    }

    @Test(
        "A tenant nobody knows, a step without its run and a stop before its start do not fit",
        arguments: StoreBackend.all)
    func strangers(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let first = try RowWrite(starting: sampleRun(), tenant)
            #expect(try await store.write { try $0.write(.runStart, [first]) } == [0])
            _ = try await store.start(sampleRun(), tenant: tenant)
            let orphan = RowWrite(starting: sampleStep("s1", run: "none"), tenant)
            let step = RowWrite(starting: sampleStep("s1", startedAt: time(5)), tenant)
            _ = try await store.start(sampleStep("s0"), tenant: tenant)
            #expect(try await store.write { try $0.write(.stepStart, [orphan, step]) } == [0])
            let early = try RowWrite(
                stopping: sampleStep("s1", startedAt: time(5)),
                with: StepStop(stoppedAt: time(4), usage: Usage(), settings: Settings()), tenant)
            #expect(try await store.write { try $0.write(.stepStop, [early]) } == [0])
            #expect(try await store.run(RunID("r1"), tenant: tenant)?.steps.allSatisfy { $0.stop == nil } == true)
        }
    }

    @Test("Every statement of every size has its parameters in order", arguments: RowWrite.Kind.allCases)
    func statements(_ kind: RowWrite.Kind) {
        for size in RowWrite.Kind.sizes {
            let numbers = kind.statement(rows: size).split(separator: "$").dropFirst()
                .compactMap { Int($0.prefix { $0.isNumber }) }
            var first: [Int] = []
            for number in numbers where !first.contains(number) { first.append(number) }
            #expect(first == Array(1...first.count) && first.count % size == 0)
        }
    }
}
