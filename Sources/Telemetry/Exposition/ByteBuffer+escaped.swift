extension ByteBuffer {
    /// Writes text from outside so that it can stand between quotes in an exposition page or a JSON string.
    ///
    /// Quotes, backslashes and line feeds are escaped, which both do alike. Bytes that are no UTF-8, and control
    /// characters, become U+FFFD: Prometheus refuses a page with the former, and a terminal may obey the latter.
    mutating func append(escaping text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\" as StaticString)
            case UInt8(ascii: "\""): append("\\\"" as StaticString)
            case UInt8(ascii: "\n"): append("\\n" as StaticString)
            case 0..<0x20, 0x7F: append("\u{FFFD}" as StaticString)
            case 0x20..<0x7F: append(byte)
            default:
                let length = Self.lengthOfScalar(text, at: index)
                guard length > 0 else {
                    append("\u{FFFD}" as StaticString)
                    break
                }
                append(text.part(index..<(index + length)))
                index += length - 1
            }
            index += 1
        }
    }

    /// How many bytes the scalar beyond ASCII at `index` has; 0 when there is none, as Unicode's table 3-7 has it.
    private static func lengthOfScalar(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch text[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)  // beyond are surrogates
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard index + length <= text.count, second.contains(text[index + 1]) else { return 0 }
        var place = index + 2
        while place < index + length {
            guard text[place] & 0xC0 == 0x80 else { return 0 }
            place += 1
        }
        return length
    }
}
