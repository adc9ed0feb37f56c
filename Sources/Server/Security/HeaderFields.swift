import Hummingbird

/// One header field of a message.
typealias HeaderField = HTTPFields.Element

extension HeaderField.Name {
    static let referrerPolicy = named("Referrer-Policy")
    static let xFrameOptions = named("X-Frame-Options")
    /// The token of the API.
    static let inframindToken = named("X-IM-Token")

    static func named(_ text: String) -> HeaderField.Name {
        guard let name = HeaderField.Name(text) else { preconditionFailure("'\(text)' is a valid field name") }
        return name
    }
}
