/// The head of an HTTP/1 request, as far as this server cares.
///
/// Read straight from the bytes received, without making a string of anything.
struct HTTPRequest: Hashable, Sendable {
    enum Method: Hashable, Sendable {
        case get, head, other
    }

    enum Target: Hashable, Sendable {
        case metrics, health, other
    }

    var method = Method.other
    /// Queries are ignored.
    var target = Target.other
    /// Whether the client wants to ask again on this connection.
    var keepsAlive = true
    var accepted = AcceptedContent()
    var acceptsGzip = false
    /// Where the value of `Authorization` is in the bytes; empty when there is none.
    var authorization = 0..<0
    /// How long the head is; what follows is the next request.
    var lengthBytes = 0

    /// Longest head accepted. A scraper's is some 300 bytes.
    static let limitBytes = 8 << 10

    /// What has arrived so far.
    enum Arrival: Hashable, Sendable {
        case incomplete
        case complete(HTTPRequest)
        /// Not a request we understand; the status to answer with.
        case refused(HTTPStatus)
    }

    /// Judges the bytes received so far.
    static func judge(_ bytes: UnsafeRawBufferPointer) -> Arrival {
        var lines = HTTPLines(bytes)
        guard let first = lines.next() else {
            return bytes.count < limitBytes ? .incomplete : .refused(.headerTooLarge)
        }
        var request = HTTPRequest()
        if let refusal = request.readRequestLine(UnsafeRawBufferPointer(rebasing: bytes[first])) {
            return .refused(refusal)
        }
        while let range = lines.next() {
            guard lines.index <= limitBytes else { return .refused(.headerTooLarge) }
            if range.isEmpty {
                request.lengthBytes = lines.index
                return .complete(request)
            }
            if let refusal = request.readField(UnsafeRawBufferPointer(rebasing: bytes[range]), at: range.lowerBound) {
                return .refused(refusal)
            }
        }
        return bytes.count < limitBytes ? .incomplete : .refused(.headerTooLarge)
    }

    private mutating func readRequestLine(_ line: UnsafeRawBufferPointer) -> HTTPStatus? {
        let space = UInt8(ascii: " ")
        guard let first = line.firstIndex(of: space), let last = line.lastIndex(of: space), first < last else {
            return .badRequest
        }
        let name = UnsafeRawBufferPointer(rebasing: line[..<first])
        let path = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
        let version = UnsafeRawBufferPointer(rebasing: line[(last + 1)...])
        guard !name.isEmpty, name.count <= 16, name.allSatisfy({ (0x41...0x5A).contains($0) }),
            path.first == UInt8(ascii: "/"), path.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return .badRequest }
        if version.equals("HTTP/1.1") {
            keepsAlive = true
        } else if version.equals("HTTP/1.0") {
            keepsAlive = false
        } else {
            return version.starts(with: "HTTP/".utf8) ? .versionNotSupported : .badRequest
        }
        method = name.equals("GET") ? .get : name.equals("HEAD") ? .head : .other
        let plain = UnsafeRawBufferPointer(rebasing: path.prefix { $0 != UInt8(ascii: "?") })
        target = plain.equals("/metrics") ? .metrics : plain.equals("/healthz") ? .health : .other
        return nil
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer, at start: Int) -> HTTPStatus? {
        // A name without a colon, or with space around it, is how requests are smuggled past a proxy.
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return .badRequest }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = line.trimmed(from: colon + 1)
        let text = UnsafeRawBufferPointer(rebasing: line[value])
        if name.equalsIgnoringCase("accept") {
            accepted.read(text)
        } else if name.equalsIgnoringCase("accept-encoding") {
            acceptsGzip = acceptsGzip || AcceptedContent.acceptsGzip(text)
        } else if name.equalsIgnoringCase("authorization") {
            authorization = (start + value.lowerBound)..<(start + value.upperBound)
        } else if name.equalsIgnoringCase("connection") {
            if text.containsToken("close") { keepsAlive = false }
            if text.containsToken("keep-alive") { keepsAlive = true }
        } else if name.equalsIgnoringCase("content-length") {
            // No request of ours has a body, and what we do not read would be taken for the next request.
            if !text.equals("0") { keepsAlive = false }
        } else if name.equalsIgnoringCase("transfer-encoding") {
            return .badRequest
        }
        return nil
    }
}

/// The lines of a head, without their ends; carriage returns are optional, as the standard advises.
struct HTTPLines {
    private let bytes: UnsafeRawBufferPointer
    /// Behind the last line returned.
    private(set) var index = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next line that has ended.
    mutating func next() -> Range<Int>? {
        guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let start = index
        index = end + 1
        return start..<(end > start && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
    }
}
