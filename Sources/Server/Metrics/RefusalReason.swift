/// Why a report was not taken: words for the statuses that ingest answers with.
enum RefusalReason: String, Hashable, Sendable, CaseIterable {
    case malformed, forbidden, unknown, conflict
    case tooLarge = "too_large"
    case unsupportedEncoding = "unsupported_encoding"
    case invalid
    case rateLimited = "rate_limited"
    case unavailable, other

    /// - Returns: `nil` for an answer that took the report.
    init?(status: Int) {
        switch status {
        case ..<400: return nil
        case 400: self = .malformed
        case 401, 403: self = .forbidden
        case 404: self = .unknown
        case 409: self = .conflict
        case 413: self = .tooLarge
        case 415: self = .unsupportedEncoding
        case 422: self = .invalid
        case 429: self = .rateLimited
        case 503: self = .unavailable
        default: self = .other
        }
    }
}
