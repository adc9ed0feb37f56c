import Foundation

/// The part of a noun that no query looks into: JSON with sorted keys, so that equal content is equal text.
///
/// What is kept here outlives the program: a field added later to one of these types must be optional, or a migration
/// must add it.
enum StoredJSON {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    /// - Throws: ``StoreError/conflict(_:)`` when a number is not finite, which JSON cannot say.
    static func encode(_ value: some Encodable) throws -> SQLValue {
        do {
            return .text(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch EncodingError.invalidValue(_, let context) {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw StoreError.conflict("The value of '\(path)' cannot be kept: \(context.debugDescription)")
        }
    }

    /// - Throws: ``StoreError/unavailable(_:)`` when the text is not what this version writes.
    static func decode<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw StoreError.unavailable("A stored \(type) cannot be read. The database may be damaged.")
        }
    }
}
