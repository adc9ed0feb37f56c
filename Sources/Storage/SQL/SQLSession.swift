/// A connection inside a transaction, as the queries of this folder see it: the only thing a database driver supplies.
///
/// Statements are written in the dialect SQLite and PostgreSQL share. Their parameters are `$1`, `$2` …, and they first
/// appear in that order, as SQLite numbers named parameters by first appearance.
///
/// Every method throws ``StoreError``: `conflict` when the schema refuses the content, `unavailable` when the database
/// fails. After `unavailable` the transaction must be rolled back.
protocol SQLSession {
    /// Runs a statement that returns rows. Drivers keep the prepared statement.
    func rows(_ statement: String, _ values: [SQLValue]) throws -> [SQLRow]

    /// Runs a statement that returns none, and returns the number of rows it changed.
    @discardableResult
    func execute(_ statement: String, _ values: [SQLValue]) throws -> Int

    /// Runs statements one after the other and returns the number of rows each changed. A driver whose database is a
    /// network away sends them together.
    func executeAll(_ changes: [ExpectedChange]) throws -> [Int]

    /// Runs one or more statements that take no values, such as a migration.
    func executeScript(_ script: String) throws

    /// Runs `body`; when it throws, undoes what it did and nothing else.
    func savepoint<T>(_ body: () throws -> T) throws -> T
}

extension SQLSession {
    func executeAll(_ changes: [ExpectedChange]) throws -> [Int] {
        try changes.map { try execute($0.statement, $0.values) }
    }

    /// The first row, if there is one.
    func firstRow(_ statement: String, _ values: [SQLValue]) throws -> SQLRow? {
        try rows(statement, values).first
    }
}
