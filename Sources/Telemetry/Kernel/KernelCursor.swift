/// Walks over the bytes of a kernel file: spaces, words, numbers, lines. Allocates nothing.
///
/// Good until its ``KernelBuffer`` reads the next file or goes away: it points into that memory. Command names may hold any byte but NUL, so nothing here is
/// text until somebody says so.
public struct KernelCursor {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// True when nothing is left.
    public var isAtEnd: Bool { index >= bytes.count }

    /// True at the end of a line, or of the file.
    public var isAtLineEnd: Bool { isAtEnd || bytes[index] == UInt8(ascii: "\n") }

    /// Everything that is left.
    public var rest: UnsafeRawBufferPointer { bytes.part(from: index) }

    /// Goes past spaces and tabs.
    public mutating func skipSpaces() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    /// Goes to the start of the next line. False when there is none.
    public mutating func nextLine() -> Bool {
        index = bytes.index(of: UInt8(ascii: "\n"), from: index).map { $0 + 1 } ?? bytes.count
        return index < bytes.count
    }

    /// Goes past `text` if it comes next.
    public mutating func skip(_ text: StaticString) -> Bool {
        guard bytes.part(from: index).starts(with: text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    /// Goes past `count` bytes; false, and stays, when there are fewer.
    public mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, index + count <= bytes.count else { return false }
        index += count
        return true
    }

    /// Goes past the next byte `byte` of this line; stays and says false when the line has none.
    public mutating func skip(past byte: UInt8) -> Bool {
        var place = index
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") {
            if bytes[place] == byte {
                index = place + 1
                return true
            }
            place += 1
        }
        return false
    }

    /// The next word of this line, spaces in front of it skipped; empty at the line's end.
    public mutating func word() -> UnsafeRawBufferPointer {
        skipSpaces()
        let start = index
        while index < bytes.count, bytes[index] != 0x20, bytes[index] != 0x09, bytes[index] != 0x0A {
            index += 1
        }
        return bytes.part(start..<index)
    }

    /// The next whole number of this line, spaces in front of it skipped. Beyond `Int64` it saturates: the kernel's
    /// counters are unsigned, and "more than can be told" is nearer the truth than nothing.
    ///
    /// - Returns: `nil`, and stays after the spaces, when something else is there.
    public mutating func number() -> Int64? {
        skipSpaces()
        let start = index
        let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let firstDigit = index
        var value: Int64 = 0
        while index < bytes.count, bytes[index].isDigit {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow2) = tens.addingReportingOverflow(Int64(bytes[index] - 0x30))
            value = overflow || overflow2 || value == .max ? .max : sum
            index += 1
        }
        guard index > firstDigit else {
            index = start
            return nil
        }
        return isNegative ? -value : value
    }

    /// Goes past the last `byte` of everything that is left; stays and says false when there is none.
    public mutating func skip(pastLast byte: UInt8) -> Bool {
        guard let place = rest.lastPlace(of: byte) else { return false }
        index += place + 1
        return true
    }

    /// A decimal fraction such as `0.08`, as hundredths: what the kernel writes with two decimals, exactly.
    /// Further decimals are dropped. `nil`, and stays after the spaces, when something else is there.
    public mutating func hundredths() -> Int64? {
        skipSpaces()
        let start = index
        guard let whole = number(), whole >= 0 else {
            index = start
            return nil
        }
        var value = saturatingProduct(whole, 100)
        guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else { return value }
        index += 1
        var weight: Int64 = 10
        while index < bytes.count, bytes[index].isDigit {
            value = saturatingSum(value, Int64(bytes[index] - 0x30) * weight)
            weight /= 10
            index += 1
        }
        return value
    }
}

extension UInt8 {
    /// Whether this is an ASCII digit.
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
}
