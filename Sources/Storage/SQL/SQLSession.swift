/// A connection inside a transaction, as the queries of this folder see it: the only thing a database driver supplies.
///
/// Statements are written in the dialect SQLite and PostgreSQL share. Their parameters are `$1`, `$2` …, and they first
/// appear in that order, as SQLite numbers named parameters by first appearance.
///
/// Every method throws ``StoreError``: `conflict` when the schema refuses the content, `unavailable` when the database
/// fails. After `unavailable` the transaction must be rolled back.
protocol SQLSession {
    /// Runs a statement. Drivers keep it prepared.
    func run(_ statement: String, _ values: [SQLValue]) throws -> StatementOutcome

    /// Runs statements one after the other and returns what came of each. A driver whose database is a network away sends
    /// them together.
    func executeAll(_ statements: [SQLStatement]) throws -> [StatementOutcome]

    /// Adds many rows to a table the way that is cheapest for the database. Texts and numbers must be storable
    /// (``SQLValue/checkStorable()``); when the schema refuses one row, none is there.
    func insert(_ rows: RowBuffer) throws

    /// Runs one or more statements that take no values, such as a migration.
    func executeScript(_ script: String) throws

    /// Runs `body`; when it throws, undoes what it did and nothing else.
    func savepoint<T>(_ body: () throws -> T) throws -> T
}

/// A statement with its values.
struct SQLStatement: Sendable {
    var text: String
    var values: [SQLValue]
}

/// What came of a statement: the rows it returned, and how many it changed.
struct StatementOutcome: Sendable {
    var rows: [SQLRow]
    var changed: Int
}

extension SQLSession {
    func executeAll(_ statements: [SQLStatement]) throws -> [StatementOutcome] {
        try statements.map { try run($0.text, $0.values) }
    }

    /// The rows a statement returns.
    func rows(_ statement: String, _ values: [SQLValue]) throws -> [SQLRow] { try run(statement, values).rows }

    /// Runs a statement and returns the number of rows it changed.
    @discardableResult
    func execute(_ statement: String, _ values: [SQLValue]) throws -> Int { try run(statement, values).changed }

    /// The first row, if there is one.
    func firstRow(_ statement: String, _ values: [SQLValue]) throws -> SQLRow? {
        try rows(statement, values).first
    }
}
