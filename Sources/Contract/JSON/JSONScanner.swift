/// Reads JSON of a known shape straight from its bytes, several times faster than a decoder that must know any shape.
///
/// It reads only what it is sure to read as the decoder does. At anything else (escapes, exponents, keys it does not
/// know or meets twice, `null` where there must be a value) it gives up, and the decoder decides what that means. So it
/// needs no errors of its own: every method says `nil` or `false` for "not me".
public struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// - Parameter bytes: must outlive the scanner.
    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether nothing but space follows.
    var isAtEnd: Bool {
        mutating get {
            space()
            return position == bytes.count
        }
    }

    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func space() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0D, 0x0A: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[position + offset] != word.utf8Start[offset] { return false }
        position += count
        return true
    }
}

extension JSONScanner {
    /// Reads an object whose keys are all in `names`, each at most once; at each value calls `read` with the place of its
    /// key. At most 64 names.
    @inline(__always)
    mutating func object(_ names: [StaticString], _ read: (inout JSONScanner, Int) -> Bool) -> Bool {
        space()
        guard take(UInt8(ascii: "{")) else { return false }
        space()
        if take(UInt8(ascii: "}")) { return true }
        var seen: UInt64 = 0
        // Clients write their keys in the same order every time, most often the documented one.
        var likely = 0
        repeat {
            space()
            guard let place = key(names, likely), seen & (1 << UInt64(place)) == 0 else { return false }
            seen |= 1 << UInt64(place)
            likely = place + 1
            space()
            guard take(UInt8(ascii: ":")) else { return false }
            space()
            guard read(&self, place) else { return false }
            space()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}"))
    }

    private mutating func key(_ names: [StaticString], _ likely: Int) -> Int? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        for offset in 0..<names.count {
            var place = likely + offset
            if place >= names.count { place -= names.count }
            let start = position
            if take(names[place]), take(UInt8(ascii: "\"")) { return place }
            position = start
        }
        return nil
    }

    /// Reads a list; at each element calls `read`.
    @inline(__always)
    mutating func list(_ read: (inout JSONScanner) -> Bool) -> Bool {
        guard take(UInt8(ascii: "[")) else { return false }
        space()
        if take(UInt8(ascii: "]")) { return true }
        repeat {
            space()
            guard read(&self) else { return false }
            space()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]"))
    }

    /// Reads into `value` with `read`; `null` leaves it as it is.
    @inline(__always)
    mutating func optional<T>(_ value: inout T?, _ read: (inout JSONScanner) -> T?) -> Bool {
        if next == UInt8(ascii: "n") { return take("null") }
        return required(&value, read)
    }

    /// Reads into `value` with `read`.
    @inline(__always)
    mutating func required<T>(_ value: inout T?, _ read: (inout JSONScanner) -> T?) -> Bool {
        value = read(&self)
        return value != nil
    }
}

extension JSONScanner {
    /// A string without escapes. Where there is none, nothing is taken, so that something else may be looked for.
    mutating func string() -> String? {
        let before = position
        guard let text = text() else {
            position = before
            return nil
        }
        return text
    }

    private mutating func text() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position += 1
                return isASCII ? String(decoding: text, as: UTF8.self) : String(validating: text, as: UTF8.self)
            }
            if byte < 0x20 || byte == UInt8(ascii: "\\") { return nil }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        return nil
    }

    /// A number without exponent, exactly as the nearest `Double`.
    mutating func number() -> Double? {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        var digits: UInt64 = 0
        var fractionDigits = 0
        let whole = position
        while let digit = digit() { digits = digits &* 10 &+ digit }
        let wholeDigits = position - whole
        if wholeDigits == 0 || (wholeDigits > 1 && bytes[whole] == UInt8(ascii: "0")) { return nil }
        if take(UInt8(ascii: ".")) {
            let point = position
            while let digit = digit() { digits = digits &* 10 &+ digit }
            fractionDigits = position - point
            if fractionDigits == 0 { return nil }
        }
        if next | 0x20 == UInt8(ascii: "e") || (isNegative && digits == 0) { return nil }
        // A quotient of two exact doubles is the double nearest to the quotient (W. D. Clinger, "How to Read Floating
        // Point Numbers Accurately"): both are exact up to 15 digits.
        if wholeDigits + fractionDigits <= 15 {
            let value = fractionDigits == 0 ? Double(digits) : Double(digits) / Self.powersOfTen[fractionDigits]
            return isNegative ? -value : value
        }
        // More would be too long to be honest; the decoder may have it.
        guard position - start <= 40 else { return nil }
        return Double(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self))
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// A whole number written as one.
    mutating func integer() -> Int? {
        let isNegative = take(UInt8(ascii: "-"))
        let start = position
        var value: UInt64 = 0
        while let digit = digit() { value = value &* 10 &+ digit }
        let count = position - start
        guard count > 0, count <= 18, count == 1 || bytes[start] != UInt8(ascii: "0") else { return nil }
        // A fraction or an exponent follows, which the decoder may still read as a whole number.
        if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
        if isNegative && value == 0 { return nil }
        return isNegative ? -Int(value) : Int(value)
    }

    @inline(__always)
    private mutating func digit() -> UInt64? {
        guard position < bytes.count else { return nil }
        let digit = bytes[position] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        position += 1
        return UInt64(digit)
    }
}
