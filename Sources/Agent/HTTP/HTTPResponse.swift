/// The statuses this server answers with.
enum HTTPStatus: Int, Hashable, Sendable {
    case ok = 200
    case badRequest = 400
    case notFound = 404
    case methodNotAllowed = 405
    case headerTooLarge = 431
    case versionNotSupported = 505

    var reason: String {
        switch self {
        case .ok: "OK"
        case .badRequest: "Bad Request"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .headerTooLarge: "Request Header Fields Too Large"
        case .versionNotSupported: "HTTP Version Not Supported"
        }
    }
}

/// A whole answer.
struct HTTPResponse: Hashable, Sendable {
    var status: HTTPStatus
    var contentType = "text/plain; charset=utf-8"
    var body: String

    /// An answer whose body is its status.
    init(_ status: HTTPStatus) {
        self.status = status
        body = "\(status.rawValue) \(status.reason)\n"
    }

    init(_ status: HTTPStatus, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The bytes on the wire.
    ///
    /// - Parameter includesBody: false for `HEAD`, which gets the same head and no body.
    func bytes(includesBody: Bool = true) -> [UInt8] {
        let body = Array(body.utf8)
        var head = "HTTP/1.1 \(status.rawValue) \(status.reason)\r\n"
        head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
        if status == .methodNotAllowed { head += "Allow: GET, HEAD\r\n" }
        head += "\r\n"
        return Array(head.utf8) + (includesBody ? body : [])
    }
}
