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
}
