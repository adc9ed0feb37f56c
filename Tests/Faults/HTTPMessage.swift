import Scaffolding

/// A request or an answer of HTTP/1.1 as it goes over the wire, with a length in its head.
public struct HTTPMessage: Sendable {
    /// `POST /runs HTTP/1.1` or `HTTP/1.1 200 OK`.
    public var firstLine: String
    /// By lower-case name.
    public var fields: [String: String]
    public var body: [UInt8]
    /// All of it, as it came.
    public var bytes: [UInt8]

    public struct Unreadable: Error {}

    /// Reads the next message; what came of the one after it stays in `buffer`.
    ///
    /// - Throws: ``LoopbackSocket/Failure``; ``Unreadable``.
    public init(from socket: LoopbackSocket, buffer: inout [UInt8]) throws {
        var bodyStart = Self.endOfHead(buffer)
        while bodyStart == nil {
            buffer += try socket.receive()
            bodyStart = Self.endOfHead(buffer)
        }
        guard let bodyStart else { throw Unreadable() }
        let lines = String(decoding: buffer[..<(bodyStart - 4)], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first else { throw Unreadable() }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Unreadable() }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            fields[line[..<colon].lowercased()] = String(value)
        }
        // Neither our server nor our load sends chunks in the messages that pass here.
        guard fields["transfer-encoding"] == nil, let length = Int(fields["content-length"] ?? "0") else {
            throw Unreadable()
        }
        while buffer.count < bodyStart + length { buffer += try socket.receive() }
        firstLine = String(first)
        self.fields = fields
        body = Array(buffer[bodyStart..<(bodyStart + length)])
        bytes = Array(buffer[..<(bodyStart + length)])
        buffer.removeFirst(bodyStart + length)
    }

    /// The status of an answer; 0 where there is none.
    public var status: Int {
        let words = firstLine.split(separator: " ")
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    public var closesConnection: Bool { fields["connection"]?.lowercased() == "close" }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count
        where bytes[end - 1] == 10 && bytes[end - 2] == 13 && bytes[end - 3] == 10 && bytes[end - 4] == 13 {
            return end
        }
        return nil
    }
}
