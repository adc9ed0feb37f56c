import Builds

/// The store in a SQL database: a file of SQLite, or PostgreSQL. The statements are the same.
public final class SQLStore: Store {
    let database: any SQLDatabase
    private let commits: GroupCommit

    /// Brings the schema of `database` up to date.
    ///
    /// - Parameter waitingWrites: writes that may wait for a transaction.
    /// - Throws: ``StoreError/newerSchema(_:)``; ``StoreError/unavailable(_:)``.
    init(_ database: any SQLDatabase, migrations: [Migration] = Migration.all, waitingWrites: Int = 10_000) async throws
    {
        self.database = database
        commits = GroupCommit(capacity: waitingWrites) { try database.transaction($0) }
        do {
            try Self.migrate(database, through: migrations)
        } catch {
            try? await database.close()
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
        try await database.read(body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await commits.write(body)
    }

    /// Writes `row` together with others; where it does not fit, does what `body` says.
    ///
    /// - Parameter result: the answer when the row was written.
    func write<T: Sendable>(
        _ row: RowWrite, whenNew result: T, otherwise body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        try await commits.write(row, whenNew: result, otherwise: body)
    }

    public func close() async throws {
        await commits.close()
        try await database.close()
    }

    /// Each migration is a transaction of its own, which looks again before it acts: of two servers that start at once,
    /// one migrates and the other finds the work done.
    private static func migrate(_ database: any SQLDatabase, through migrations: [Migration]) throws {
        try database.transaction { _ = try $0.schemaNumber(knowing: migrations) }
        for migration in migrations {
            try database.transaction { session in
                if try session.schemaNumber(knowing: migrations) < migration.number { try session.apply(migration) }
            }
        }
    }
}
