import CPostgres

/// Reads results in PostgreSQL's binary format.
enum PostgreSQLRows {
    /// - Throws: ``PostgreSQLFailure`` for a type the schema does not use.
    static func decode(_ result: OpaquePointer) throws -> [SQLRow] {
        let columns = PQnfields(result)
        let types = (0..<columns).map { PQftype(result, $0) }
        return try (0..<PQntuples(result)).map { row in
            SQLRow(
                values: try (0..<columns).map { column in
                    if PQgetisnull(result, row, column) == 1 { return .null }
                    let bytes = UnsafeRawBufferPointer(
                        start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
                    return try value(bytes, type: types[Int(column)])
                })
        }
    }

    /// - Parameter type: object identifier of a built-in type, which never changes (`pg_type.dat`).
    private static func value(_ bytes: UnsafeRawBufferPointer, type: Oid) throws -> SQLValue {
        switch type {
        case 20 where bytes.count == 8: .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case 21 where bytes.count == 2: .integer(Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case 23 where bytes.count == 4: .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case 701 where bytes.count == 8:
            .real(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case 25, 1043, 19, 705: .text(String(decoding: bytes, as: UTF8.self))
        case 17: .bytes([UInt8](bytes))
        default:
            throw PostgreSQLFailure(
                sqlState: "", message: "a column has type \(type), which this version does not read",
                isConnectionLost: false)
        }
    }
}
