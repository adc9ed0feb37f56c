/// One row of a result, read by position in the order the statement names its columns.
///
/// A value of another type than the schema promises means a damaged or foreign file: ``StoreError/unavailable(_:)``.
struct SQLRow: Sendable {
    let values: [SQLValue]

    func integer(_ column: Int) throws -> Int64 {
        if case .integer(let value) = try value(column) { return value }
        throw unexpected(column)
    }

    func real(_ column: Int) throws -> Double {
        switch try value(column) {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        default: throw unexpected(column)
        }
    }

    func text(_ column: Int) throws -> String {
        if case .text(let value) = try value(column) { return value }
        throw unexpected(column)
    }

    func bytes(_ column: Int) throws -> [UInt8] {
        if case .bytes(let value) = try value(column) { return value }
        throw unexpected(column)
    }

    func json<T: Decodable>(_ column: Int, as type: T.Type = T.self) throws -> T {
        try StoredJSON.decode(T.self, from: text(column))
    }

    func isNull(_ column: Int) throws -> Bool { try value(column) == .null }

    private func value(_ column: Int) throws -> SQLValue {
        guard values.indices.contains(column) else { throw unexpected(column) }
        return values[column]
    }

    private func unexpected(_ column: Int) -> StoreError {
        .unavailable("Column \(column) of a row does not hold what the schema promises. The database may be damaged.")
    }
}
