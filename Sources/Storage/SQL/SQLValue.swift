/// A value that goes into a statement or comes out of a row.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])

    init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }

    /// Refuses what no database keeps as it is: SQLite would cut a text at a zero byte, so that two identities became
    /// one, and turn NaN into NULL; PostgreSQL refuses the zero byte.
    ///
    /// - Throws: ``StoreError/conflict(_:)``.
    func checkStorable() throws {
        switch self {
        case .text(let text) where text.utf8.contains(0):
            throw StoreError.conflict("A name or an id contains a zero byte and cannot be kept.")
        case .real(let number) where !number.isFinite:
            throw StoreError.conflict("A number is not finite and cannot be kept.")
        default: break
        }
    }
}
