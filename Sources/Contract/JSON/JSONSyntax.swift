/// Checks that bytes are one JSON text (RFC 8259), before a decoder sees them.
///
/// Foundation's decoder recurses with the nesting and says of malformed text only that it is malformed; this says where,
/// refuses deep nesting, and never recurses.
struct JSONSyntax {
    /// Deeper than anything the API reads; a decoder needs little stack for it.
    static let deepestNesting = 64

    struct Violation: Error, Hashable, CustomStringConvertible {
        /// Both from 1; columns count bytes.
        var line: Int
        var column: Int
        var problem: String

        var description: String { "line \(line), column \(column): \(problem)" }
    }

    private enum Container {
        case object, array

        var end: UInt8 { self == .object ? UInt8(ascii: "}") : UInt8(ascii: "]") }
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: ``Violation`` at the first byte that cannot be.
    static func check(_ bytes: [UInt8]) throws(Violation) {
        var checker = JSONSyntax(bytes)
        try checker.document()
    }

    private mutating func document() throws(Violation) {
        var open: [Container] = []
        while true {
            space()
            if let container = try opening(depth: open.count) {
                open.append(container)
                if container == .object { try key() }
                continue
            }
            // A value has ended: close what it closes, until another value is due.
            var isValueDue = false
            while let container = open.last, !isValueDue {
                space()
                if take(UInt8(ascii: ",")) {
                    if container == .object { try key() }
                    isValueDue = true
                } else if take(container.end) {
                    open.removeLast()
                } else {
                    throw violation(
                        container == .object ? "',' or '}' was expected" : "',' or ']' was expected")
                }
            }
            if !isValueDue { break }
        }
        space()
        if position < bytes.count { throw violation("nothing was expected after the end") }
    }

    /// The container that opens here and is not empty; `nil` after a whole value was read instead.
    private mutating func opening(depth: Int) throws(Violation) -> Container? {
        let container: Container
        switch next {
        case UInt8(ascii: "{"): container = .object
        case UInt8(ascii: "["): container = .array
        default:
            try scalar()
            return nil
        }
        if depth == Self.deepestNesting { throw violation("the nesting is deeper than \(Self.deepestNesting)") }
        position += 1
        space()
        return take(container.end) ? nil : container
    }

    private mutating func key() throws(Violation) {
        space()
        guard next == UInt8(ascii: "\"") else { throw violation("a key in quotes was expected") }
        try string()
        space()
        if !take(UInt8(ascii: ":")) { throw violation("':' was expected") }
    }

    private mutating func scalar() throws(Violation) {
        switch next {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
        case nil: throw violation("the text ends too early")
        default: throw violation("a value was expected")
        }
    }

    private mutating func word(_ word: StaticString) throws(Violation) {
        let expected = word.withUTF8Buffer { Array($0) }
        guard bytes[position...].starts(with: expected) else { throw violation("a value was expected") }
        position += expected.count
    }

    private mutating func string() throws(Violation) {
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                try escape()
            case 0..<0x20: throw violation("control characters must be escaped in strings")
            default: position += 1
            }
        }
        throw violation("the text ends within a string")
    }

    private mutating func escape() throws(Violation) {
        switch next {
        case UInt8(ascii: "u"):
            position += 1
            for _ in 0..<4 {
                guard let digit = next, Character(UnicodeScalar(digit)).isHexDigit else {
                    throw violation("\\u needs four hexadecimal digits")
                }
                position += 1
            }
        case let byte? where "\"\\/bfnrt".utf8.contains(byte): position += 1
        default: throw violation("this escape is not known")
        }
    }

    private mutating func number() throws(Violation) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        // Only long numbers and exponents can leave the range of a double.
        let literal = bytes[start..<position]
        let isSuspect = literal.count > 300 || literal.contains { $0 | 0x20 == UInt8(ascii: "e") }
        if isSuspect, Double(String(decoding: literal, as: UTF8.self))?.isFinite != true {
            throw violation("the number is too large")
        }
    }

    private mutating func digits() throws(Violation) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        if position == start { throw violation("a digit was expected") }
    }

    private mutating func space() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func violation(_ problem: String) -> Violation {
        let before = bytes[..<position]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Violation(
            line: before.count(where: { $0 == 0x0A }) + 1, column: position - lineStart + 1, problem: problem)
    }
}
