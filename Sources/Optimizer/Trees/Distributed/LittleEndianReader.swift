/// Takes numbers off the front of some bytes; `nil` where they end too soon.
struct LittleEndianReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Bytes not taken yet.
    var remaining: Int { rest.count }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        bytes(MemoryLayout<Number>.size).map { bytes in
            bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
        }
    }

    /// A count of something: a `UInt64` that fits an `Int`.
    mutating func count() -> Int? { integer(UInt64.self).flatMap { Int(exactly: $0) } }

    mutating func double() -> Double? { integer(UInt64.self).map { Double(bitPattern: $0) } }

    mutating func doubles(_ count: Int) -> [Double]? {
        let (size, overflow) = count.multipliedReportingOverflow(by: 8)
        guard !overflow, let bytes = bytes(size) else { return nil }
        return bytes.withUnsafeBytes { buffer in
            (0..<count).map {
                Double(bitPattern: UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
            }
        }
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendLittleEndian(_ numbers: [Double]) {
        reserveCapacity(count + numbers.count * 8)
        for number in numbers { appendLittleEndian(number.bitPattern) }
    }
}
