import Telemetry

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
        if let refusal = request.readRequestLine(bytes.part(first)) {
            return .refused(refusal)
        }
        while let range = lines.next() {
            guard lines.index <= limitBytes else { return .refused(.headerTooLarge) }
            if range.isEmpty {
                request.lengthBytes = lines.index
                return .complete(request)
            }
            if let refusal = request.readField(bytes.part(range), at: range.lowerBound) {
                return .refused(refusal)
            }
        }
        return bytes.count < limitBytes ? .incomplete : .refused(.headerTooLarge)
    }

    private mutating func readRequestLine(_ line: UnsafeRawBufferPointer) -> HTTPStatus? {
        let space = UInt8(ascii: " ")
        guard let first = line.index(of: space), let last = line.lastPlace(of: space), first < last else {
            return .badRequest
        }
        let name = line.part(0..<first)
        let path = line.part(first + 1..<last)
        let version = line.part(from: last + 1)
        guard name.count <= 16, name.isUppercase, path.isVisible, path[0] == UInt8(ascii: "/") else {
            return .badRequest
        }
        if version.isEqual(to: "HTTP/1.1") {
            keepsAlive = true
        } else if version.isEqual(to: "HTTP/1.0") {
            keepsAlive = false
        } else {
            return version.starts(with: "HTTP/") ? .versionNotSupported : .badRequest
        }
        method = name.isEqual(to: "GET") ? .get : name.isEqual(to: "HEAD") ? .head : .other
        let plain = path.part(0..<(path.index(of: UInt8(ascii: "?")) ?? path.count))
        target = plain.isEqual(to: "/metrics") ? .metrics : plain.isEqual(to: "/healthz") ? .health : .other
        return nil
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer, at start: Int) -> HTTPStatus? {
        // A name without a colon, or with space around it, is how requests are smuggled past a proxy.
        guard let colon = line.index(of: UInt8(ascii: ":")), line.part(0..<colon).isVisible else { return .badRequest }
        let name = line.part(0..<colon)
        let value = line.trimmedRange(from: colon + 1)
        let text = line.part(value)
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
            if !text.isEqual(to: "0") { keepsAlive = false }
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
        guard let end = bytes.index(of: UInt8(ascii: "\n"), from: index) else { return nil }
        let start = index
        index = end + 1
        return start..<(end > start && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether there is something, and nothing but capital letters.
    fileprivate var isUppercase: Bool {
        for index in 0..<count where self[index] < 0x41 || self[index] > 0x5A { return false }
        return count > 0
    }
}
