import Dispatch
import GRDB

extension SQLStore {
    /// The store in the SQLite file at `path`, which is made where there is none; the default, which needs nothing
    /// installed and nothing administered. The folder must exist.
    ///
    /// - Throws: ``StoreError/newerSchema(_:)``; ``StoreError/olderSchema(_:)``; ``StoreError/unavailable(_:)`` when the
    ///   file cannot be opened or is no database.
    public static func sqlite(path: String, schema: SchemaPolicy = .upgrade) async throws -> SQLStore {
        try await SQLStore(SQLiteDatabase(path: path), schema: schema)
    }
}

/// A SQLite file.
///
/// Write-ahead log with `synchronous=FULL`: every commit reaches the disk before its callers are answered, and readers
/// never wait for the writer.
final class SQLiteDatabase: SQLDatabase {
    let pool: DatabasePool
    /// One server has the file.
    let leadership: any Leadership = SoleLeadership()
    /// Closing waits for readers, so it does not run on a thread of the cooperative pool.
    private let closing = DispatchQueue(label: "inframind.storage.closing")

    init(path: String) async throws {
        var configuration = Configuration()
        configuration.label = "inframind.storage"
        configuration.foreignKeysEnabled = true
        // Another process, such as a backup, may hold the file for a moment; 5 s is SQLite's customary patience.
        configuration.busyMode = .timeout(5)
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL with the write-ahead log: fast, and forgetting the newest commits when power fails.
            // A batch touches more pages than SQLite's 2 MiB of cache hold, and the log is carried over to the file every
            // 4 MiB, twice a batch with two waits for the disk each: 16 MiB of both make that rare.
            try await pool.writeWithoutTransaction {
                try $0.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096")
            }
        } catch let error as DatabaseError {
            let message = error.message ?? "error \(error.extendedResultCode.rawValue)"
            throw StoreError.unavailable("The database at '\(path)' cannot be opened: \(message).")
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        do {
            return try await pool.read { database in try body(SQLiteSession(database: database)) }
        } catch let error as DatabaseError {
            return try StoreError.translating { throw error }
        }
    }

    /// `IMMEDIATE` takes the write lock at once: a transaction that upgraded later could be refused half-way.
    func transaction(_ body: (any SQLSession) throws -> Void) throws {
        try StoreError.translating {
            try pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(SQLiteSession(database: database))
                    return .commit
                }
            }
        }
    }

    func close() async throws {
        try await withCheckedThrowingContinuation { caller in
            closing.async { [pool] in
                caller.resume(with: Result { try StoreError.translating { try pool.close() } })
            }
        }
    }
}
