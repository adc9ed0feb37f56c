import GRDB
import GRDBSQLite

extension SQLiteSession {
    /// Binds straight from the buffer: a statement's arguments as values of GRDB cost twice what SQLite takes to write
    /// the row.
    func insert(_ rows: RowBuffer) throws {
        guard rows.rows > 0 else { return }
        let columns = rows.table.columns
        let places = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        let text = "INSERT INTO \(rows.table.name) (\(columns.joined(separator: ", "))) VALUES (\(places))"
        try StoreError.translating {
            let prepared = try database.cachedStatement(sql: text)
            let statement = prepared.sqliteStatement
            defer {
                sqlite3_reset(statement)
                // Bound texts lie in a buffer that goes away.
                sqlite3_clear_bindings(statement)
            }
            try rows.bytes.withUnsafeBytes { bytes in
                let base = bytes.bindMemory(to: CChar.self).baseAddress
                var place: Int32 = 0
                for cell in rows.cells {
                    place += 1
                    let code =
                        switch cell {
                        case .null: sqlite3_bind_null(statement, place)
                        case .integer(let integer): sqlite3_bind_int64(statement, place, integer)
                        case .real(let real): sqlite3_bind_double(statement, place, real)
                        case .text(let start, let count):
                            // A pointer to nothing would be NULL; one past the end is not read.
                            if let base {
                                sqlite3_bind_text(statement, place, base + start, Int32(count), nil)
                            } else {
                                sqlite3_bind_text(statement, place, "", 0, nil)
                            }
                        }
                    try check(code, SQLITE_OK)
                    guard place == Int32(columns.count) else { continue }
                    try check(sqlite3_step(statement), SQLITE_DONE)
                    try check(sqlite3_reset(statement), SQLITE_OK)
                    place = 0
                }
            }
        }
    }

    private func check(_ code: Int32, _ expected: Int32) throws {
        guard code == expected else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
        }
    }
}
