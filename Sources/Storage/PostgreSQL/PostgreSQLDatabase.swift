import CPostgres
import Synchronization

extension SQLStore {
    /// The store in a PostgreSQL database, which must exist, be encoded as UTF-8 and let us make tables.
    ///
    /// - Parameter url: as libpq reads it: `postgresql://user@host/name?sslmode=verify-full`.
    /// - Throws: ``StoreError/newerSchema(_:)``; ``StoreError/olderSchema(_:)``; ``StoreError/unavailable(_:)``.
    public static func postgreSQL(url: String, schema: SchemaPolicy = .upgrade) async throws -> SQLStore {
        try await postgreSQL(.url(url), schema: schema)
    }

    /// The store in a PostgreSQL database whose URL may change while it is used.
    ///
    /// - Throws: as ``postgreSQL(url:schema:)``.
    public static func postgreSQL(
        _ address: PostgreSQLAddress, schema: SchemaPolicy = .upgrade
    ) async throws -> SQLStore {
        try await SQLStore(PostgreSQLDatabase(address), schema: schema)
    }
}

/// A PostgreSQL database, shared by any number of servers.
///
/// Writers take turns: each transaction holds a lock of the whole database, so that numbers are handed out in the order
/// of commits and no two writers can decide on what the other is changing. What makes that fast is that one transaction
/// carries the writes of many callers (``GroupCommit``). Readers never wait for writers.
final class PostgreSQLDatabase: SQLDatabase {
    private let readers: PostgreSQLReaders
    private let writer: Mutex<PostgreSQLSlot>
    let leadership: any Leadership

    /// - Throws: ``StoreError/unavailable(_:)`` when the URL cannot be read. Nothing is connected yet.
    init(_ address: PostgreSQLAddress, limits: PostgreSQLLimits = PostgreSQLLimits()) throws {
        let url: String
        do { url = try address.currentURL() } catch { throw error.storeError }
        var reason: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(url, &reason)
        defer {
            PQconninfoFree(options)
            PQfreemem(reason)
        }
        // libpq's reason repeats the URL, which may hold a password.
        guard options != nil else {
            throw StoreError.unavailable(
                "The database URL cannot be read; it should look like postgresql://USER@HOST:PORT/DATABASE, "
                    + "special characters as %XX.")
        }
        readers = PostgreSQLReaders(address, limits: limits)
        writer = Mutex(PostgreSQLSlot(address, limits: limits))
        leadership = PostgreSQLLeadership(address, limits: limits)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await readers.read(body)
    }

    /// The lock is named after the schema: installations that share a database do not wait for each other. It goes with
    /// the transaction, whatever becomes of us. The number is arbitrary, but the same in every version for good.
    static let begin = """
        BEGIN; SELECT pg_advisory_xact_lock(1766204013, hashtext(current_schema()))
        """

    func transaction(_ body: (any SQLSession) throws -> Void) throws {
        try writer.withLock { slot in
            try slot.transaction(Self.begin, body)
        }
    }

    func close() async throws {
        await readers.close()
        writer.withLock { $0.disconnect() }
    }
}
