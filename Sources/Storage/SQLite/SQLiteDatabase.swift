import Builds
import Dispatch
import GRDB

/// The store in one SQLite file: the default, which needs nothing installed and nothing administered.
///
/// Write-ahead log with `synchronous=FULL`: every commit reaches the disk before its callers are answered, and readers
/// never wait for the writer.
public final class SQLiteStore: Store {
    let pool: DatabasePool
    private let commits: GroupCommit
    /// Closing waits for readers, so it does not run on a thread of the cooperative pool.
    private let closing = DispatchQueue(label: "inframind.storage.closing")

    /// Opens the database at `path`, making it where there is none, and brings its schema up to date. The folder must
    /// exist.
    ///
    /// - Throws: ``StoreError/newerSchema(_:)``; ``StoreError/unavailable(_:)`` when the file cannot be opened or is no
    ///   database.
    public convenience init(path: String) async throws {
        try await self.init(path: path, migrations: Migration.all)
    }

    init(path: String, migrations: [Migration], waitingWrites: Int = 10_000) async throws {
        var configuration = Configuration()
        configuration.label = "inframind.storage"
        configuration.foreignKeysEnabled = true
        // Another process, such as a backup, may hold the file for a moment; 5 s is SQLite's customary patience.
        configuration.busyMode = .timeout(5)
        let pool: DatabasePool
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL with the write-ahead log: fast, and forgetting the newest commits when power fails.
            try await pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as DatabaseError {
            let message = error.message ?? "error \(error.extendedResultCode.rawValue)"
            throw StoreError.unavailable("The database at '\(path)' cannot be opened: \(message).")
        }
        self.pool = pool
        commits = GroupCommit(capacity: waitingWrites) { body in
            try Self.transaction(in: pool) { try body($0) }
        }
        do {
            try Self.migrate(pool, through: migrations)
        } catch {
            try? pool.close()
            throw error
        }
    }

    /// Transactions committed since opening. Compare with ``writeCount``: the quotient is how many callers shared a wait
    /// for the disk.
    public var commitCount: Int64 { commits.figures.commits }

    /// Writes in those transactions.
    public var writeCount: Int64 { commits.figures.writes }

    /// Writes waiting for a transaction now.
    public var waitingWriteCount: Int { commits.figures.waiting }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        do {
            return try await pool.read { database in try body(SQLiteSession(database: database)) }
        } catch let error as DatabaseError {
            return try StoreError.translating { throw error }
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await commits.write(body)
    }

    public func close() async throws {
        await commits.close()
        try await withCheckedThrowingContinuation { caller in
            closing.async { [pool] in
                caller.resume(with: Result { try StoreError.translating { try pool.close() } })
            }
        }
    }

    /// Each migration is a transaction of its own, which looks again before it acts: of two servers that start at once,
    /// one migrates and the other finds the work done.
    private static func migrate(_ pool: DatabasePool, through migrations: [Migration]) throws {
        try transaction(in: pool) { _ = try $0.schemaNumber(knowing: migrations) }
        for migration in migrations {
            try transaction(in: pool) { session in
                if try session.schemaNumber(knowing: migrations) < migration.number { try session.apply(migration) }
            }
        }
    }

    /// `IMMEDIATE` takes the write lock at once: a transaction that upgraded later could be refused half-way.
    private static func transaction(in pool: DatabasePool, _ body: (SQLiteSession) throws -> Void) throws {
        try StoreError.translating {
            try pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(SQLiteSession(database: database))
                    return .commit
                }
            }
        }
    }
}
