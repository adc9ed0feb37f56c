import Builds
import Testing

@testable import Storage

/// Several servers on one database.
extension StoreConformance {
    @Test(
        "Two stores that open a new database at once both succeed, and see each other's writes",
        arguments: StoreBackend.all)
    func openingTogether(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            async let first = backend.open(folder)
            async let second = backend.open(folder)
            let (a, b) = try await (first, second)
            _ = try await a.start(sampleRun("a"), tenant: tenant)
            _ = try await b.start(sampleRun("b"), tenant: tenant)
            #expect(try await a.runs(of: "app", before: nil, limit: 9, tenant: tenant).map(\.number) == [2, 1])
            try await a.close()
            try await b.close()
        }
    }

    @Test(
        "Of the same writes through two stores at once each counts once, and numbers have no gaps",
        arguments: StoreBackend.all)
    func sameWritesTogether(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            let stores = [try await backend.open(folder), try await backend.open(folder)]
            let runs = 40
            let written = try await withThrowingTaskGroup(of: Int.self) { group in
                for run in 0..<runs {
                    for store in stores {
                        group.addTask {
                            let started = try await store.start(sampleRun("r\(run)"), tenant: tenant)
                            let stepped = try await store.start(sampleStep("s1", run: "r\(run)"), tenant: tenant)
                            return (started == .written ? 1 : 0) + (stepped == .written ? 1 : 0)
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(written == 2 * runs)
            let kept = try await stores[0].runs(of: "app", before: nil, limit: 1000, tenant: tenant)
            #expect(kept.map(\.number) == (1...Int64(runs)).reversed())
            #expect(kept.allSatisfy { $0.steps.count == 1 })
            #expect(try await stores[1].counts()["steps"] == Int64(runs))
            for store in stores { try await store.close() }
        }
    }

    @Test("Many clients share few transactions", arguments: StoreBackend.all)
    func sharedTransactions(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            let before = store.commitCount
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<500 {
                    group.addTask { _ = try await store.start(sampleRun("r\(client)"), tenant: tenant) }
                }
                try await group.waitForAll()
            }
            #expect(store.writeCount == 500)
            #expect(store.commitCount > before)
            #expect(store.commitCount < 250)
            #expect(store.waitingWriteCount == 0)
        }
    }

    @Test("Counting by counters is counting rows", arguments: StoreBackend.all)
    func countersAreTrue(_ backend: StoreBackend) async throws {
        try await backend.withStore { store in
            for id in ["r1", "r2"] { try await store.keepCompletedRun(id, tenant: tenant) }
            _ = try await store.learned([sampleLesson()], from: RunID("r1"), tenant: tenant)
            for (table, count) in try await store.counts() {
                let rows = try await store.read { try $0.firstRow("SELECT COUNT(*) FROM \(table)", []) }
                #expect(try rows?.integer(0) == count, "\(table)")
            }
        }
    }
}
