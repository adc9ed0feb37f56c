/// The session of a PostgreSQL connection that is inside a transaction.
struct PostgreSQLSession: SQLSession {
    let connection: PostgreSQLConnection

    func run(_ statement: String, _ values: [SQLValue]) throws -> StatementOutcome {
        for value in values { try value.checkStorable() }
        return try translating { try connection.run(statement, values) }
    }

    func executeAll(_ statements: [SQLStatement]) throws -> [StatementOutcome] {
        for statement in statements { for value in statement.values { try value.checkStorable() } }
        return try translating { try connection.runPipelined(statements) }
    }

    func insert(_ rows: RowBuffer) throws {
        try translating { try connection.copy(rows) }
    }

    func executeScript(_ script: String) throws {
        try translating { try connection.runScript(script) }
    }

    func savepoint<T>(_ body: () throws -> T) throws -> T {
        try executeScript("SAVEPOINT one_write")
        do {
            let result = try body()
            try executeScript("RELEASE one_write")
            return result
        } catch let error as StoreError where error.isUnavailable {
            // The whole transaction is lost.
            throw error
        } catch {
            try executeScript("ROLLBACK TO one_write; RELEASE one_write")
            throw error
        }
    }

    private func translating<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let failure as PostgreSQLFailure {
            throw failure.storeError
        }
    }
}
