import Hummingbird

/// One header field of a message.
typealias HeaderField = HTTPFields.Element

extension HeaderField.Name {
    /// The token of the API.
    static let inframindToken: HeaderField.Name = {
        guard let name = HeaderField.Name("X-IM-Token") else { preconditionFailure("X-IM-Token is a valid field name") }
        return name
    }()
}
