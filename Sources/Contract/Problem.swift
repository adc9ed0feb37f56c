/// An error answer, RFC 9457 `application/problem+json`.
public struct Problem: Codable, Hashable, Sendable {
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String
    /// For 422: every field that is wrong.
    public var errors: [FieldError]?

    public init(status: Int, title: String, detail: String, errors: [FieldError]? = nil, type: String = "about:blank") {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
    }
}
