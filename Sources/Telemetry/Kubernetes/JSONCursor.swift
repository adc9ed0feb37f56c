/// Walks through a JSON text from left to right and lets its caller step over what it does not want, so that large
/// answers are read without building them up in memory.
///
/// Strict enough never to take the end of one value for another; not a validator of what is stepped over. Nesting is
/// bounded.
struct JSONCursor {
    private static let limitDepth = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// True when nothing but space is left.
    var isAtEnd: Bool {
        bytes[position...].allSatisfy(Self.isSpace)
    }

    /// Reads an object, calling `member` after each key; it must take exactly the value.
    ///
    /// - Returns: false when this is no object, or `member` said false.
    mutating func object(_ member: (String, inout JSONCursor) -> Bool) -> Bool {
        guard enter("{") else { return false }
        defer { depth -= 1 }
        if take("}") { return true }
        repeat {
            guard let key = string(), take(":"), member(key, &self) else { return false }
        } while take(",")
        return take("}")
    }

    /// Reads an array, calling `element` at each value; it must take exactly that.
    mutating func array(_ element: (inout JSONCursor) -> Bool) -> Bool {
        guard enter("[") else { return false }
        defer { depth -= 1 }
        if take("]") { return true }
        repeat {
            guard element(&self) else { return false }
        } while take(",")
        return take("]")
    }

    /// Takes `null`, if that is next.
    mutating func null() -> Bool {
        skipSpace()
        guard bytes[position...].starts(with: "null".utf8) else { return false }
        position += 4
        return true
    }

    /// Reads a text. Escapes outside the Basic Multilingual Plane become U+FFFD: no key looked for has one.
    mutating func string() -> String? {
        guard take("\"") else { return nil }
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): guard escape(into: &content) else { return nil }
            case 0..<0x20: return nil
            default: content.append(byte)
            }
        }
        return nil
    }

    /// Steps over one value of any kind.
    mutating func skipValue() -> Bool {
        skipSpace()
        guard position < bytes.count else { return false }
        switch bytes[position] {
        case UInt8(ascii: "{"): return object { _, reader in reader.skipValue() }
        case UInt8(ascii: "["): return array { $0.skipValue() }
        case UInt8(ascii: "\""): return skipString()
        default:
            let start = position
            while position < bytes.count, Self.isPlain(bytes[position]) { position += 1 }
            return position > start
        }
    }

    private mutating func skipString() -> Bool {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return true }
        }
        position = bytes.count
        return false
    }

    private mutating func escape(into content: inout [UInt8]) -> Bool {
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let digits = bytes[position...].prefix(4)
            guard digits.count == 4, let value = UInt32(digits.string, radix: 16) else { return false }
            position += 4
            let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"  // half of a surrogate pair
            content.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: return false
        }
        return true
    }

    private mutating func enter(_ mark: Unicode.Scalar) -> Bool {
        guard depth < Self.limitDepth, take(mark) else { return false }
        depth += 1
        return true
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Letters and digits of numbers, `true`, `false` and `null`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "E")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
