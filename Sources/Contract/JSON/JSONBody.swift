import FoundationEssentials

/// Why bytes are not the body they should be.
public enum BodyError: Error, Hashable, Sendable {
    /// Not JSON, with a sentence that says where; 400.
    case malformed(String)
    /// JSON that cannot be accepted, with all that is wrong with it; 422.
    case invalid([FieldError])
}

extension Decodable {
    /// Decodes one JSON text.
    ///
    /// - Parameter subject: what the bytes are, for the sentence: `body`, `line`.
    /// - Throws: ``BodyError``: `malformed` when the bytes are not JSON, `invalid` naming the field that is missing or of
    ///   another type.
    public static func decoded(from bytes: [UInt8], subject: String = "body") throws(BodyError) -> Self {
        if bytes.isEmpty { throw .malformed("The \(subject) is empty; JSON was expected.") }
        if let position = bytes.firstIndex(of: 0) {
            throw .malformed("The \(subject) has a NUL byte at offset \(position).")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .malformed("The \(subject) is not UTF-8.")
        }
        do {
            try JSONSyntax.check(bytes)
        } catch {
            throw .malformed("The \(subject) is not JSON: \(error).")
        }
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .invalid([FieldError(error)])
        } catch {
            throw .malformed("The \(subject) cannot be read.")
        }
    }
}
