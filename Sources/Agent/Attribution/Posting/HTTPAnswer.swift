/// An HTTP/1.1 answer as it arrives, bounded in every direction. Understands a stated length, chunks, and the end of the
/// connection as the end of the body.
struct HTTPAnswer {
    enum State: Hashable {
        case incomplete
        case complete
        /// Not HTTP, or beyond the bounds; why.
        case broken(String)
    }

    private(set) var state = State.incomplete
    private(set) var status = 0
    private(set) var body: [UInt8] = []
    /// Seconds to stay away, where the answer says so in seconds; dates are not read.
    private(set) var retryAfterSeconds: Double?

    private enum Framing {
        case length(Int)
        case chunked
        case untilEnd
    }

    private var unread: [UInt8] = []
    private var framing: Framing?
    private let bodyLimitBytes: Int

    private static let headLimitBytes = 16 << 10
    private static let chunkLineLimitBytes = 1024

    init(bodyLimitBytes: Int) { self.bodyLimitBytes = bodyLimitBytes }

    mutating func append(_ bytes: some Sequence<UInt8>) {
        unread.append(contentsOf: bytes)
        while state == .incomplete, advance() {}
    }

    /// The other side has nothing more to say.
    mutating func end() {
        guard state == .incomplete else { return }
        if case .untilEnd = framing { state = .complete } else { state = .broken("the answer is cut off") }
    }

    /// - Returns: true when there is more to read right now.
    private mutating func advance() -> Bool {
        guard let framing else { return readHead() }
        switch framing {
        case .length(let length):
            guard unread.count >= length - body.count else { return take(unread.count) && false }
            guard take(length - body.count) else { return false }
            state = .complete
            return false
        case .untilEnd: return take(unread.count) && false
        case .chunked: return readChunk()
        }
    }

    private mutating func take(_ count: Int) -> Bool {
        guard body.count + count <= bodyLimitBytes else {
            state = .broken("the answer is larger than \(bodyLimitBytes) bytes")
            return false
        }
        body.append(contentsOf: unread.prefix(count))
        unread.removeFirst(count)
        return true
    }

    private mutating func readHead() -> Bool {
        guard let end = Self.end(ofHead: unread) else {
            if unread.count > Self.headLimitBytes { state = .broken("the answer's head has no end") }
            return false
        }
        let lines = unread[..<end].split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
        unread.removeFirst(end)
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let number = Int(words[1]), (100...599).contains(number)
        else {
            state = .broken("the answer is not HTTP")
            return false
        }
        // An interim answer; the real one follows.
        if number < 200 { return true }
        status = number
        framing = .untilEnd
        for line in lines.dropFirst() { readField(line) }
        if status == 204 || status == 304 { framing = .length(0) }
        return state == .incomplete
    }

    private mutating func readField(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        let value = String(parts[1].drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
        switch parts[0].lowercased() {
        case "content-length":
            // Chunks overrule a length.
            if case .chunked = framing { return }
            guard let length = Int(value), (0...bodyLimitBytes).contains(length) else {
                return state = .broken("the answer is larger than \(bodyLimitBytes) bytes")
            }
            framing = .length(length)
        case "transfer-encoding" where value.lowercased() == "chunked": framing = .chunked
        case "retry-after": retryAfterSeconds = Double(value).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        default: return
        }
    }

    private mutating func readChunk() -> Bool {
        guard let lineEnd = unread.firstIndex(of: UInt8(ascii: "\n")) else {
            if unread.count > Self.chunkLineLimitBytes { state = .broken("the answer's chunks make no sense") }
            return false
        }
        let digits = unread[..<lineEnd].prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\r") }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), (0...bodyLimitBytes).contains(size)
        else {
            state = .broken("the answer's chunks make no sense")
            return false
        }
        if size == 0 {
            // What may follow, trailing fields, is of no interest, and the connection is not used again.
            state = .complete
            return false
        }
        guard unread.count >= lineEnd + 1 + size + 2 else { return false }
        unread.removeFirst(lineEnd + 1)
        guard take(size) else { return false }
        unread.removeFirst(2)
        return true
    }

    /// Where the empty line ends.
    private static func end(ofHead bytes: [UInt8]) -> Int? {
        var lineIsEmpty = false
        for (index, byte) in bytes.prefix(headLimitBytes).enumerated() {
            if byte == UInt8(ascii: "\n") {
                if lineIsEmpty { return index + 1 }
                lineIsEmpty = true
            } else if byte != UInt8(ascii: "\r") {
                lineIsEmpty = false
            }
        }
        return nil
    }
}
