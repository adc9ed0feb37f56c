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
