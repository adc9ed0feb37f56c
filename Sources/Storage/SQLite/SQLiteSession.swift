import Foundation
import GRDB

/// The session of a SQLite connection.
struct SQLiteSession: SQLSession {
    let database: Database

    func run(_ statement: String, _ values: [SQLValue]) throws -> StatementOutcome {
        try StoreError.translating {
            let prepared = try database.cachedStatement(sql: statement)
            let arguments = try Self.arguments(values)
            guard prepared.columnCount > 0 else {
                try prepared.execute(arguments: arguments)
                return StatementOutcome(rows: [], changed: database.changesCount)
            }
            let rows = try Row.fetchAll(prepared, arguments: arguments).map { row in
                SQLRow(values: row.databaseValues.map(SQLValue.init))
            }
            return StatementOutcome(rows: rows, changed: database.changesCount)
        }
    }

    func executeScript(_ script: String) throws {
        try StoreError.translating { try database.execute(sql: script) }
    }

    func savepoint<T>(_ body: () throws -> T) throws -> T {
        try StoreError.translating {
            var result: T?
            try database.inSavepoint {
                result = try body()
                return .commit
            }
            guard let result else { throw StoreError.unavailable("SQLite did not run a savepoint.") }
            return result
        }
    }

    private static func arguments(_ values: [SQLValue]) throws -> StatementArguments {
        StatementArguments(
            try values.map { value in
                try value.checkStorable()
                return value.databaseValue
            })
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let integer): .integer(integer)
            case .double(let real): .real(real)
            case .string(let text): .text(text)
            case .blob(let data): .bytes([UInt8](data))
            }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .real(let real): real.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }
}

extension StoreError {
    /// Runs `body` and says in the product's words what SQLite said.
    ///
    /// These errors blame one write's content and leave the transaction as it was; after any other, SQLite may have
    /// rolled the whole transaction back (https://www.sqlite.org/lang_transaction.html, section 3.1).
    static func translating<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            let message = error.message ?? "error \(error.extendedResultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH:
                throw StoreError.conflict("The database refuses this content: \(message).")
            default:
                throw StoreError.unavailable("The database does not answer: \(message).")
            }
        }
    }
}
