/// Values of a statement as libpq takes them: pointers into one buffer. Bytes go as they are; numbers go as text, which
/// the server reads as whatever type the parameter has.
struct PostgreSQLParameters {
    private enum Place {
        case null
        case text(start: Int)
        case bytes(start: Int, count: Int)
    }

    private var buffer: [UInt8] = []
    private var places: [Place] = []

    var count: Int { places.count }

    init(_ values: [SQLValue]) {
        places.reserveCapacity(values.count)
        for value in values {
            switch value {
            case .null: places.append(.null)
            case .integer(let integer): append(text: String(integer))
            // Swift's shortest text reads back as the same number.
            case .real(let real): append(text: "\(real)")
            case .text(let text): append(text: text)
            case .bytes(let bytes):
                places.append(.bytes(start: buffer.count, count: bytes.count))
                buffer.append(contentsOf: bytes)
                // A pointer to no bytes must not look like NULL.
                if bytes.isEmpty { buffer.append(0) }
            }
        }
    }

    private mutating func append(text: String) {
        places.append(.text(start: buffer.count))
        buffer.append(contentsOf: text.utf8)
        buffer.append(0)
    }

    /// Lends the pointers, the lengths of the binary values, and which values are binary.
    func withPointers<T>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> T
    ) -> T {
        buffer.withUnsafeBytes { raw in
            let base = raw.bindMemory(to: CChar.self).baseAddress
            var pointers: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            var formats: [Int32] = []
            for place in places {
                switch place {
                case .null:
                    pointers.append(nil)
                    lengths.append(0)
                    formats.append(0)
                case .text(let start):
                    pointers.append(base.map { $0 + start })
                    lengths.append(0)
                    formats.append(0)
                case .bytes(let start, let count):
                    pointers.append(base.map { $0 + start })
                    lengths.append(Int32(clamping: count))
                    formats.append(1)
                }
            }
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
