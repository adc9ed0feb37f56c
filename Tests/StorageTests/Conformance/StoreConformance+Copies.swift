import Builds
import Foundation
import Synchronization
import Testing

@testable import Storage

extension StoreConformance {
    /// A store with rows of every kind, for two tenants.
    private func fill(_ store: SQLStore, runs: Int = 1) async throws {
        for owner in [tenant, otherTenant] {
            try await store.keepCompletedRun("r1", tenant: owner)
            for number in 2..<(runs + 2) {
                _ = try await store.start(sampleRun("r\(number)"), tenant: owner)
                _ = try await store.start(sampleStep("s1", run: "r\(number)"), tenant: owner)
            }
            _ = try await store.observe(sampleObservation(), tenant: owner)
            _ = try await store.learned(
                [sampleLesson()], usage: sampleUsage(), from: RunID("r1"), tenant: owner)
            try await store.save(
                [StoredEvent(lessonNumber: 1, place: 0, runID: RunID("r1"), pipeline: "app", content: "odd")],
                tenant: owner)
            try await store.save(sampleRecommendation(), ticket: [0, 9], tenant: owner)
            try await store.save(sampleModel(), tenant: owner)
            try await store.activateModel("v1", tenant: owner)
            _ = try await store.save(
                StoredDelivery(destination: "ops", position: 1, dueAt: nil, state: .object(["x": 1])), tenant: owner)
        }
    }

    /// Every row of every table, in no order.
    private func rows(_ store: SQLStore) async throws -> [String: Set<[SQLValue]>] {
        try await store.read { session in
            try Dictionary(
                uniqueKeysWithValues: CopiedTable.all.map { table in
                    let all = "SELECT \(table.columns.joined(separator: ", ")) FROM \(table.name)"
                    return (table.name, Set(try session.rows(all, []).map(\.values)))
                })
        }
    }

    @Test(
        "A copy holds every row, tells how far it has come, and goes on where the original stopped",
        arguments: StoreBackend.pairs)
    func copy(_ from: StoreBackend, _ to: StoreBackend) async throws {
        try await from.withStore { source async throws in
            // Some pages, and a last one that is not full.
            try await fill(source, runs: 300)
            try await to.withStore { target async throws in
                let seen = Mutex<[CopyProgress]>([])
                let counts = try await source.copyAll(into: target) { step in seen.withLock { $0.append(step) } }
                #expect(counts["runs"] == 602)
                #expect(try await rows(target) == rows(source))
                let last = try #require(seen.withLock { $0.last })
                #expect(last.copied == last.total && last.total == counts.values.reduce(0, +))

                let next = try await target.ingest(sampleRun("next"), steps: [], tenant: tenant)
                #expect(next == 302)
            }
        }
    }

    @Test("Copying leaves out no table and no column", arguments: StoreBackend.all)
    func copiedTables(_ backend: StoreBackend) async throws {
        try await backend.withStore { store async throws in
            for table in CopiedTable.all {
                let named = try await store.read { try $0.columns(of: table.name) }
                #expect(Set(table.columns) == named, "of \(table.name)")
            }
            let tables = try await store.read { try $0.tables() }
            #expect(Set(CopiedTable.all.map(\.name)) == tables.subtracting(["schema_migrations"]))
        }
    }

    @Test("Nothing is copied into a database that holds something", arguments: StoreBackend.all)
    func copyIntoUsed(_ backend: StoreBackend) async throws {
        try await backend.withStore { source async throws in
            try await fill(source)
            try await backend.withStore { target async throws in
                _ = try await target.start(sampleRun("mine"), tenant: tenant)
                let before = try await rows(target)
                await #expect(
                    throws: StoreError.conflict(
                        "The target is not empty: it has tenants. Copy into a new database.")
                ) { try await source.copyAll(into: target) }
                #expect(try await rows(target) == before)
            }
        }
    }

    @Test("A copy that fails on the way leaves the target empty", arguments: StoreBackend.all)
    func brokenCopy(_ backend: StoreBackend) async throws {
        try await backend.withStore { source async throws in
            try await fill(source)
            try await backend.withStore { target async throws in
                try await target.write { try $0.executeScript("DROP TABLE events") }
                await #expect(throws: StoreError.self) { try await source.copyAll(into: target) }
                #expect(try await target.tenants() == [])
            }
        }
    }

    @Test("A database of an older version is left as it is where it may not be upgraded", arguments: StoreBackend.all)
    func olderSchema(_ backend: StoreBackend) async throws {
        try await withTemporaryFolder { folder in
            try await backend.open(folder, migrations: [Migration.all[0]]).close()
            let newest = Migration.all.count
            await #expect(
                throws: StoreError.olderSchema(
                    "The database has schema 1, this version works with \(newest). "
                        + "Use the version that wrote it, or run 'inframind-server migrate' first.")
            ) { try await backend.open(folder, schema: .asItIs) }
            let upgraded = try await backend.open(folder)
            #expect(upgraded.appliedMigrations == Migration.all.dropFirst().map { "\($0.number) \($0.name)" })
            try await upgraded.close()
            let again = try await backend.open(folder, schema: .asItIs)
            #expect(again.appliedMigrations == [])
            try await again.close()
        }
    }
}

extension SQLSession {
    /// Tables of the database, as it says itself.
    fileprivate func tables() throws -> Set<String> {
        let listing =
            self is PostgreSQLSession
            ? "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        return Set(try rows(listing, []).map { try $0.text(0) })
    }

    fileprivate func columns(of table: String) throws -> Set<String> {
        let listing =
            self is PostgreSQLSession
            ? "SELECT column_name::text FROM information_schema.columns "
                + "WHERE table_schema = current_schema() AND table_name = $1"
            : "SELECT name FROM pragma_table_info($1)"
        return Set(try rows(listing, [.text(table)]).map { try $0.text(0) })
    }
}
