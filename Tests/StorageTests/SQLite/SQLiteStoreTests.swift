import Builds
import Foundation
import GRDB
import Testing

@testable import Storage

extension SQLStore {
    /// The connections below a store in a file.
    fileprivate var sqlitePool: DatabasePool {
        get throws { try #require(database as? SQLiteDatabase).pool }
    }
}

@Suite("The SQLite store")
struct SQLiteStoreTests {
    private func withSQLiteStore(_ body: (SQLStore) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let store = try await SQLStore.sqlite(path: folder + "/db.sqlite")
            try await body(store)
            try await store.close()
        }
    }

    @Test(
        "The connection that writes waits for the disk and minds foreign keys",
        arguments: [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")])
    func pragmas(_ name: String, _ value: String) async throws {
        try await withSQLiteStore { store in
            let found = try await store.sqlitePool.writeWithoutTransaction { database in
                try String.fetchOne(database, sql: "PRAGMA \(name)")
            }
            #expect(found == value)
        }
    }

    @Test("A database of a newer version is refused with a clear sentence, and left as it is")
    func newerSchema() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/db.sqlite"
            let next = Migration(number: 4, name: "later", script: "CREATE TABLE later (x BIGINT)")
            try await SQLStore(SQLiteDatabase(path: path), migrations: Migration.all + [next]).close()
            let sentence =
                "The database has schema 4; this version knows schemas up to 3. "
                + "Start the version that wrote it, or a newer one."
            await #expect(throws: StoreError.newerSchema(sentence)) { try await SQLStore.sqlite(path: path) }
            #expect(StoreError.newerSchema(sentence).description == sentence)
        }
    }

    @Test("A newer version adds its migrations and keeps the rows")
    func migration() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/db.sqlite"
            let old = try await SQLStore.sqlite(path: path)
            _ = try await old.start(sampleRun(), tenant: tenant)
            try await old.close()

            let added = Migration(
                number: 4, name: "later", script: "ALTER TABLE runs ADD COLUMN note TEXT; CREATE TABLE later (x BIGINT)"
            )
            for _ in 1...2 {
                let new = try await SQLStore(SQLiteDatabase(path: path), migrations: Migration.all + [added])
                #expect(try await new.run(RunID("r1"), tenant: tenant)?.run == sampleRun())
                let numbers = try await new.read { try $0.rows("SELECT number FROM schema_migrations", []) }
                #expect(try numbers.map { try $0.integer(0) } == [1, 2, 3, 4])
                try await new.close()
            }
        }
    }

    @Test("Lessons of an older version are found by what they are about")
    func lessonsByStep() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/db.sqlite"
            let old = try await SQLStore(SQLiteDatabase(path: path), migrations: [Migration.all[0]])
            try await old.keepCompletedRun("r1", tenant: tenant)
            try await old.write { session in
                for (number, span) in [(1, "s1"), (2, "run")] {
                    try session.execute(
                        "INSERT INTO lessons (tenant_id, number, run_id, span_id, outcome, ticket) "
                            + "VALUES ($1, $2, 'r1', $3, $4, $5)",
                        [
                            .text(tenant.rawValue), .integer(Int64(number)), .text(span),
                            try StoredJSON.encode(sampleLesson().outcome), .bytes([1]),
                        ])
                }
                try session.execute(
                    "UPDATE tenants SET lesson_count = 2 WHERE tenant_id = $1", [.text(tenant.rawValue)])
            }
            try await old.close()
            let new = try await SQLStore.sqlite(path: path)
            let named = StepIdentity(pipeline: sampleRun().pipeline, stage: sampleStep().stage, step: sampleStep().step)
            let whole = StepIdentity(pipeline: sampleRun().pipeline)
            #expect(try await new.lessons(of: named, before: 10, limit: 10, tenant: tenant).map(\.number) == [1])
            #expect(try await new.lessons(of: whole, before: 10, limit: 10, tenant: tenant).map(\.number) == [2])
            #expect(try await new.learningPosition(tenant: tenant).newestLesson == 2)
            try await new.close()
        }
    }

    @Test("A migration that fails changes nothing")
    func failingMigration() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/db.sqlite"
            let bad = Migration(number: 4, name: "bad", script: "CREATE TABLE later (x BIGINT); CREATE TABLE runs (x)")
            await #expect(throws: StoreError.self) {
                try await SQLStore(SQLiteDatabase(path: path), migrations: Migration.all + [bad])
            }
            let store = try await SQLStore.sqlite(path: path)
            #expect(
                try await store.read { try $0.rows("SELECT 1 FROM sqlite_master WHERE name = 'later'", []) }.isEmpty)
            try await store.close()
        }
    }

    @Test("Migrations are numbered from 1 without gaps")
    func migrationNumbers() {
        #expect(Migration.all.map(\.number) == Array(1...Int64(Migration.all.count)))
    }

    @Test("Two stores that open a new database at once both succeed, and see each other's writes")
    func openingTogether() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/db.sqlite"
            async let first = SQLStore.sqlite(path: path)
            async let second = SQLStore.sqlite(path: path)
            let (a, b) = try await (first, second)
            _ = try await a.start(sampleRun("a"), tenant: tenant)
            _ = try await b.start(sampleRun("b"), tenant: tenant)
            #expect(try await a.runs(of: "app", before: nil, limit: 9, tenant: tenant).map(\.number) == [2, 1])
            try await a.close()
            try await b.close()
        }
    }

    @Test("A file that is no database, or a folder that is missing, is said clearly")
    func unusablePaths() async throws {
        try await withTemporaryFolder { folder in
            let text = folder + "/notes.txt"
            try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: text))
            await #expect(
                throws: StoreError.unavailable("The database at '\(text)' cannot be opened: file is not a database.")
            ) { try await SQLStore.sqlite(path: text) }
            let nowhere = folder + "/none/db.sqlite"
            await #expect(
                throws: StoreError.unavailable(
                    "The database at '\(nowhere)' cannot be opened: unable to open database file.")
            ) { try await SQLStore.sqlite(path: nowhere) }
        }
    }

    @Test("Many clients share few transactions")
    func sharedTransactions() async throws {
        try await withSQLiteStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<500 {
                    group.addTask { _ = try await store.start(sampleRun("r\(client)"), tenant: tenant) }
                }
                try await group.waitForAll()
            }
            #expect(store.writeCount == 500)
            #expect(store.commitCount > 0)
            #expect(store.commitCount < 250)
            #expect(store.waitingWriteCount == 0)
        }
    }

    @Test("A full disk costs the writes that met it, and nothing after")
    func diskFull() async throws {
        try await withSQLiteStore { store in
            _ = try await store.start(sampleRun(), tenant: tenant)
            let limit = try await store.sqlitePool.writeWithoutTransaction { database in
                // SQLite answers SQLITE_FULL beyond this, as it does when the disk has no room.
                try Int.fetchOne(database, sql: "PRAGMA max_page_count = 1")
            }
            #expect(limit != nil)
            let huge = sampleModel(bytes: [UInt8](repeating: 7, count: 1 << 20))
            let full = StoreError.unavailable("The database does not answer: database or disk is full.")
            await #expect(throws: full) { try await store.save(huge, tenant: tenant) }
            #expect(try await store.start(sampleRun(), tenant: tenant) == .unchanged)
            try await store.sqlitePool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
            try await store.save(huge, tenant: tenant)
            #expect(try await store.model("v1", tenant: tenant) == huge)
        }
    }

    @Test("A row that does not hold what the schema promises is reported, not guessed at")
    func damagedRow() async throws {
        try await withSQLiteStore { store in
            _ = try await store.start(sampleRun(), tenant: tenant)
            try await store.sqlitePool.write { try $0.execute(sql: "UPDATE runs SET content = '{'") }
            let error = await #expect(throws: StoreError.self) { try await store.run(RunID("r1"), tenant: tenant) }
            #expect(error?.isUnavailable == true)
            try await store.sqlitePool.write { try $0.execute(sql: "UPDATE runs SET content = x'00'") }
            await #expect(throws: StoreError.self) { try await store.run(RunID("r1"), tenant: tenant) }
        }
    }

    @Test("Counting by counters is counting rows")
    func countersAreTrue() async throws {
        try await withSQLiteStore { store in
            for id in ["r1", "r2"] { try await store.keepCompletedRun(id, tenant: tenant) }
            _ = try await store.learned([sampleLesson()], from: RunID("r1"), tenant: tenant)
            for (table, count) in try await store.counts() {
                let rows = try await store.sqlitePool.read {
                    try Int64.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)")
                }
                #expect(rows == count, "\(table)")
            }
        }
    }
}
