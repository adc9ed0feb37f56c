/// The head of an HTTP/1 request, as far as this server cares: what is asked for.
struct HTTPRequest: Hashable, Sendable {
    var method: String
    /// Without the query.
    var path: String

    /// Longest head accepted. A scraper's is some 300 bytes.
    static let limitBytes = 8 << 10

    /// What has arrived so far.
    enum Arrival: Hashable, Sendable {
        case incomplete
        case complete(HTTPRequest)
        /// Not a request we understand; the status to answer with.
        case refused(HTTPStatus)
    }

    /// Judges the bytes received so far. Header fields are not looked at: every answer closes its connection.
    static func judge(_ bytes: [UInt8]) -> Arrival {
        let lineFeed = UInt8(ascii: "\n")
        guard let lineEnd = bytes.firstIndex(of: lineFeed) else {
            return bytes.count < limitBytes ? .incomplete : .refused(.headerTooLarge)
        }
        var line = bytes[..<lineEnd]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, isToken(parts[0]), parts[1].first == UInt8(ascii: "/"),
            parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return .refused(.badRequest) }
        guard parts[2].elementsEqual("HTTP/1.1".utf8) || parts[2].elementsEqual("HTTP/1.0".utf8) else {
            return .refused(parts[2].starts(with: "HTTP/".utf8) ? .versionNotSupported : .badRequest)
        }
        guard isHeadComplete(bytes[(lineEnd + 1)...]) else {
            return bytes.count < limitBytes ? .incomplete : .refused(.headerTooLarge)
        }
        let path = parts[1].prefix { $0 != UInt8(ascii: "?") }
        return .complete(
            HTTPRequest(method: String(decoding: parts[0], as: UTF8.self), path: String(decoding: path, as: UTF8.self)))
    }

    /// True when the fields end with an empty line; carriage returns are optional, as in the standard's advice.
    private static func isHeadComplete(_ fields: ArraySlice<UInt8>) -> Bool {
        var lineLength = 0
        for byte in fields {
            switch byte {
            case UInt8(ascii: "\n"):
                if lineLength == 0 { return true }
                lineLength = 0
            case UInt8(ascii: "\r"): continue
            default: lineLength += 1
            }
        }
        return false
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.count <= 16 && bytes.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
