import Telemetry

/// The statuses this server answers with.
enum HTTPStatus: Int, Hashable, Sendable, CaseIterable {
    case ok = 200
    case badRequest = 400
    case unauthorized = 401
    case notFound = 404
    case methodNotAllowed = 405
    case headerTooLarge = 431
    case versionNotSupported = 505

    /// As in the first line of an answer.
    var line: StaticString {
        switch self {
        case .ok: "200 OK"
        case .badRequest: "400 Bad Request"
        case .unauthorized: "401 Unauthorized"
        case .notFound: "404 Not Found"
        case .methodNotAllowed: "405 Method Not Allowed"
        case .headerTooLarge: "431 Request Header Fields Too Large"
        case .versionNotSupported: "505 HTTP Version Not Supported"
        }
    }
}

/// What stands in front of a body.
struct HTTPResponseHead {
    var status: HTTPStatus
    var contentType: StaticString = "text/plain; charset=utf-8"
    var contentLength: Int
    var isGzip = false
    /// Whether the body depends on what the client accepts, which caches between us want to know.
    var isNegotiated = false
    var keepsAlive: Bool

    func write(to buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 " as StaticString)
        buffer.append(status.line)
        buffer.append("\r\nContent-Type: " as StaticString)
        buffer.append(contentType)
        buffer.append("\r\nContent-Length: " as StaticString)
        buffer.append(decimal: Int64(contentLength))
        if isGzip { buffer.append("\r\nContent-Encoding: gzip" as StaticString) }
        if isNegotiated { buffer.append("\r\nVary: Accept, Accept-Encoding" as StaticString) }
        if status == .methodNotAllowed { buffer.append("\r\nAllow: GET, HEAD" as StaticString) }
        if status == .unauthorized {
            buffer.append("\r\nWWW-Authenticate: Bearer realm=\"metrics\", Basic realm=\"metrics\"" as StaticString)
        }
        buffer.append(
            (keepsAlive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n") as StaticString)
    }
}
