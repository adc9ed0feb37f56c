import Contract
import Foundation
import Hummingbird
import NIOCore

extension Request {
    /// The body, decoded.
    ///
    /// - Throws: ``APIError``: 400 when it is not JSON, saying where; 422 naming the field that is missing or of another
    ///   type.
    func json<Body: Decodable>(_ type: Body.Type = Body.self) async throws -> Body {
        // RequestBodyMiddleware has collected and bounded it: this only hands over the bytes.
        let buffer = try await body.collect(upTo: .max)
        return try Body.decoded(from: Array(buffer.readableBytesView))
    }
}

extension Decodable {
    static func decoded(from bytes: [UInt8]) throws -> Self {
        if bytes.isEmpty { throw APIError.malformed("The body is empty; JSON was expected.") }
        if let position = bytes.firstIndex(of: 0) {
            throw APIError.malformed("The body has a NUL byte at offset \(position).")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw APIError.malformed("The body is not UTF-8.")
        }
        do {
            try JSONSyntax.check(bytes)
        } catch {
            throw APIError.malformed("The body is not JSON: \(error).")
        }
        do {
            return try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw APIError.invalid([FieldError(error)])
        }
    }
}

extension FieldError {
    /// What a decoder found wrong, in the words of the API instead of those of Swift.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(field: Self.path(context.codingPath + [key]), message: "is required")
        case .valueNotFound(_, let context):
            self.init(field: Self.path(context.codingPath), message: "must not be null")
        case .typeMismatch(let type, let context):
            self.init(field: Self.path(context.codingPath), message: "must be \(Self.name(of: type))")
        case .dataCorrupted(let context):
            self.init(field: Self.path(context.codingPath), message: Self.message(context))
        @unknown default:
            self.init(field: Self.path([]), message: "cannot be read")
        }
    }

    /// `steps[3].duration_s`; `body` for the whole.
    private static func path(_ keys: [any CodingKey]) -> String {
        let path = keys.reduce("") { path, key in
            if let index = key.intValue { return path + "[\(index)]" }
            return path.isEmpty ? key.stringValue : path + "." + key.stringValue
        }
        return path.isEmpty ? "body" : path
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "a list"
        default: String(describing: type).hasPrefix("Array") ? "a list" : "an object"
        }
    }

    private static func message(_ context: DecodingError.Context) -> String {
        if context.codingPath.isEmpty { return "has a number that is not whole or too large where it cannot be" }
        // Our own decoders begin like this; Foundation's messages speak of Swift types.
        return context.debugDescription.hasPrefix("must") ? context.debugDescription : "has a value that is not allowed"
    }
}
