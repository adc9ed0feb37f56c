/// Reads bincode 1: little-endian numbers of fixed width, lengths in 64 bits, no names and no tags.
///
/// Every reading checks what is left, and a length is believed only as far as there are bytes for it.
struct BincodeReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func byte() -> UInt8? {
        guard position < bytes.endIndex else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func uint32() -> UInt32? { integer() }
    mutating func uint64() -> UInt64? { integer() }

    /// A counter. What no counter reaches is the sign of a reading gone astray.
    mutating func count() -> Int64? { uint64().flatMap { $0 < 1 << 50 ? Int64($0) : nil } }

    mutating func bool() -> Bool? {
        switch byte() {
        case 0: false
        case 1: true
        default: nil
        }
    }

    /// Text without control characters.
    mutating func string() -> String? {
        guard let length = uint64().flatMap({ Int(exactly: $0) }), length <= bytes.endIndex - position else {
            return nil
        }
        defer { position += length }
        let text = bytes[position..<(position + length)]
        guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: text, as: UTF8.self)
    }

    /// The number of elements that follow, each of at least `elementBytes`.
    mutating func length(elementBytes: Int) -> Int? {
        guard let length = uint64().flatMap({ Int(exactly: $0) }),
            length <= (bytes.endIndex - position) / max(1, elementBytes)
        else { return nil }
        return length
    }

    /// An optional: the inner `nil` is one that is there and says "none".
    mutating func optional<Value>(_ read: (inout BincodeReader) -> Value?) -> Value?? {
        switch byte() {
        case 0: .some(nil)
        case 1: read(&self).map { .some($0) }
        default: nil
        }
    }

    private mutating func integer<Value: FixedWidthInteger>() -> Value? {
        let width = Value.bitWidth / 8
        guard width <= bytes.endIndex - position else { return nil }
        var value: Value = 0
        for index in 0..<width { value |= Value(truncatingIfNeeded: bytes[position + index]) << Value(8 * index) }
        position += width
        return value
    }
}
