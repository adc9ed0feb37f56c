import Builds

/// The store in a SQL database: a file of SQLite, or PostgreSQL. The statements are the same.
public final class SQLStore: Store {
    let database: any SQLDatabase
    private let commits: GroupCommit
    /// The migrations this store was brought up to date with when it was opened, oldest first: `3 events`.
    public let appliedMigrations: [String]

    /// - Parameters:
    ///   - schema: what to do about a schema that is not up to date.
    ///   - waitingWrites: writes that may wait for a transaction.
    /// - Throws: ``StoreError/newerSchema(_:)``; ``StoreError/olderSchema(_:)``; ``StoreError/unavailable(_:)``.
    init(
        _ database: any SQLDatabase, schema: SchemaPolicy = .upgrade, migrations: [Migration] = Migration.all,
        waitingWrites: Int = 10_000
    ) async throws {
        self.database = database
        commits = GroupCommit(capacity: waitingWrites) { try database.transaction($0) }
        do {
            appliedMigrations = try Self.migrate(database, through: migrations, schema)
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

    public var figures: StoreFigures { commits.figures }

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

    /// Writes thousands of rows in a transaction that no other such write shares.
    func writeLarge<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await commits.writeLarge(body)
    }

    public var leadership: any Leadership { database.leadership }

    public func close() async throws {
        await leadership.resign()
        await commits.close()
        try await database.close()
    }

    /// Each migration is a transaction of its own, which looks again before it acts: of two servers that start at once,
    /// one migrates and the other finds the work done.
    private static func migrate(
        _ database: any SQLDatabase, through migrations: [Migration], _ policy: SchemaPolicy
    ) throws -> [String] {
        var found: Int64 = 0
        try database.transaction { found = try $0.schemaNumber(knowing: migrations) }
        if policy == .asItIs, let newest = migrations.last?.number, found < newest {
            throw StoreError.olderSchema(
                "The database has schema \(found), this version works with \(newest). "
                    + "Use the version that wrote it, or run 'inframind-server migrate' first.")
        }
        var applied: [String] = []
        for migration in migrations {
            var isNew = false
            try database.transaction { session in
                isNew = try session.schemaNumber(knowing: migrations) < migration.number
                if isNew { try session.apply(migration) }
            }
            if isNew { applied.append("\(migration.number) \(migration.name)") }
        }
        return applied
    }
}

/// What opening a store does about a schema that an older version made.
public enum SchemaPolicy: Hashable, Sendable {
    case upgrade
    /// Throws ``StoreError/olderSchema(_:)``: a copy taken before an upgrade must not upgrade.
    case asItIs
}
