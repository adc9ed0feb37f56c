import Builds
import Foundation
import Scaffolding
import Testing

@testable import Storage

@Suite(
    "The PostgreSQL store",
    .enabled(if: PostgreSQLCluster.reasonToSkip == nil, "PostgreSQL is not installed; run scripts/setup."))
struct PostgreSQLStoreTests {
    /// Lends `body` the URL of an empty schema.
    private func withSchema(_ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { try await body(PostgreSQLSchema.url($0)) }
    }

    /// Statements of an administrator, on a connection of their own.
    private func administrate(_ url: String, _ script: String) throws {
        try PostgreSQLConnection(url: url, limits: PostgreSQLLimits()).runScript(script)
    }

    @Test("Every kind of value comes back as it went in")
    func values() async throws {
        try await withSchema { url in
            let store = try await SQLStore.postgreSQL(url: url)
            let texts = [
                "", "plain", "naïve 日本語 🧱", "'; DROP TABLE runs; --", "\\x00", String(repeating: "x", count: 100_000),
            ]
            let reals = [0, -0.5, 1e-300, 1.7976931348623157e308, 0.1 + 0.2, Double.leastNonzeroMagnitude]
            let bytes: [[UInt8]] = [[], [0], [0, 255, 39, 92], [UInt8](repeating: 7, count: 300_000)]
            let values: [SQLValue] =
                texts.map(SQLValue.text) + reals.map(SQLValue.real) + bytes.map(SQLValue.bytes)
                + [Int64.min, -1, 0, .max].map(SQLValue.integer) + [.null]
            for value in values {
                let type =
                    switch value {
                    case .text, .null: "TEXT"
                    case .real: "DOUBLE PRECISION"
                    case .bytes: "BYTEA"
                    case .integer: "BIGINT"
                    }
                let row = try await store.read { try $0.firstRow("SELECT CAST($1 AS \(type))", [value]) }
                #expect(row?.values == [value])
            }
            try await store.close()
        }
    }

    @Test("What no database keeps is refused, and the writes beside it are kept")
    func refusedContent() async throws {
        try await withSchema { url in
            let store = try await SQLStore.postgreSQL(url: url)
            let results = await withTaskGroup(of: (String, WriteResult?).self) { group in
                for id in ["a", "b", "bad\0", "c"] {
                    group.addTask { (id, try? await store.start(sampleRun(id), tenant: tenant)) }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(results == ["a": .written, "b": .written, "c": .written])
            try await store.close()
        }
    }

    @Test("Connections that the server ends are made anew, and no write is lost or doubled")
    func terminatedConnections() async throws {
        try await withSchema { url in
            // Sessions of this test alone: others share the cluster.
            let name = "cut-\(UUID().uuidString)"
            let store = try await SQLStore.postgreSQL(url: "\(url)&application_name=\(name)")
            let count = 400
            try await withThrowingTaskGroup(of: Void.self) { group in
                for run in 0..<count {
                    group.addTask { _ = try await store.start(sampleRun("r\(run)"), tenant: tenant) }
                    if run % 50 == 25 {
                        try administrate(
                            url,
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE application_name = '\(name)'
                            """)
                    }
                }
                try await group.waitForAll()
            }
            let kept = try await store.runs(of: "app", before: nil, limit: 1000, tenant: tenant)
            #expect(kept.map(\.number) == (1...Int64(count)).reversed())
            try await store.close()
        }
    }

    @Test("A process that hangs with the writers' lock is put out by the server, and the others go on")
    func hangingWriter() async throws {
        try await withSchema { url in
            let store = try await SQLStore.postgreSQL(url: url)
            var impatient = PostgreSQLLimits()
            impatient.idleInTransactionSeconds = 1
            let hanging = try PostgreSQLConnection(url: url, limits: impatient)
            try hanging.begin(PostgreSQLDatabase.begin)
            #expect(try await store.start(sampleRun(), tenant: tenant) == .written)
            #expect(throws: PostgreSQLFailure.self) { try hanging.runScript("COMMIT") }
            try await store.close()
        }
    }

    @Test("A statement that takes too long is stopped")
    func statementTimeout() async throws {
        try await withSchema { url in
            var limits = PostgreSQLLimits()
            limits.statementSeconds = 1
            limits.patienceSeconds = 0.1
            let store = try await SQLStore(PostgreSQLDatabase(.url(url), limits: limits))
            let error = await #expect(throws: StoreError.self) {
                try await store.read { try $0.rows("SELECT 1 FROM pg_sleep(30)", []) }
            }
            #expect(error?.description.contains("statement timeout") == true, "\(error?.description ?? "")")
            #expect(try await store.tenants() == [])
            try await store.close()
        }
    }

    @Test("A read changes nothing and sees one state of the database")
    func reads() async throws {
        try await withSchema { url in
            let store = try await SQLStore.postgreSQL(url: url)
            await #expect(throws: StoreError.self) {
                try await store.read { try $0.execute("DELETE FROM runs", []) }
            }
            let other = try await SQLStore.postgreSQL(url: url)
            let counts = try await store.read { session in
                let before = try session.counts()["runs"]
                // Another session writes in between, and waits for no reader.
                try self.administrate(url, "INSERT INTO tenants (tenant_id, run_count) VALUES ('between', 5)")
                return [before, try session.counts()["runs"]]
            }
            #expect(counts == [0, 0])
            #expect(try await other.counts()["runs"] == 5)
            try await store.close()
            try await other.close()
        }
    }

    @Test("More reads than connections take turns; a store that is closed refuses")
    func manyReads() async throws {
        try await withSchema { url in
            var limits = PostgreSQLLimits()
            limits.readers = 2
            let store = try await SQLStore(PostgreSQLDatabase(.url(url), limits: limits))
            _ = try await store.start(sampleRun(), tenant: tenant)
            let found = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { try await store.run(RunID("r1"), tenant: tenant) != nil } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(found == 100)
            try await store.close()
            await #expect(throws: StoreError.self) { try await store.ping() }
            await #expect(throws: StoreError.self) { try await store.start(sampleRun("r2"), tenant: tenant) }
        }
    }

    @Test(
        "A database that cannot be had is named in one line without its password",
        arguments: [
            ("postgresql://u:hunter2@127.0.0.1:1/d", "Connection refused"),
            ("postgresql://u:hunter2@127.0.0.1:1/d?sslmode=sometimes", "sslmode"),
            ("postgresql://u:hunter2@[::1/d", "cannot be read"),
            ("postgresql://u:hunter2@h/d?nonsense=1", "cannot be read"),
        ])
    func unusableURL(_ url: String, _ told: String) async throws {
        let error = await #expect(throws: StoreError.self) {
            var limits = PostgreSQLLimits()
            limits.patienceSeconds = 0.2
            _ = try await SQLStore(PostgreSQLDatabase(.url(url), limits: limits))
        }
        let text = error?.description ?? ""
        #expect(text.contains(told) && !text.contains("hunter2") && !text.contains("\n"), "\(text)")
        #expect(error?.isUnavailable == true)
    }

    @Test("No hot statement scans a table, also while it is empty", arguments: QueryPlanTests.hotStatements)
    func plans(_ name: String, _ statement: String) async throws {
        try await withSchema { url in
            let store = try await SQLStore.postgreSQL(url: url)
            let count = (1...99).last { statement.contains("$\($0)") } ?? 0
            let values = Array(repeating: "NULL", count: count).joined(separator: ", ")
            // On empty tables a scan is the cheapest plan, and sessions keep plans: ours must not choose it.
            let plan = try await store.read { session in
                try session.executeScript(
                    "SET LOCAL plan_cache_mode = force_generic_plan; PREPARE hot AS \(statement)")
                let rows = try session.rows("EXPLAIN EXECUTE hot" + (count > 0 ? "(\(values))" : ""), [])
                try session.executeScript("DEALLOCATE hot")
                return try rows.map { try $0.text(0) }
            }
            #expect(plan.contains { $0.contains("Index") }, "\(plan)")
            #expect(!plan.contains { $0.contains("Seq Scan") }, "\(plan)")
            try await store.close()
        }
    }
}
