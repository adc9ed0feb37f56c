import Telemetry

/// Reading the bytes of a head.
extension UnsafeRawBufferPointer {
    /// - Parameter text: in lower case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowercased != text.utf8Start[index] { return false }
        return true
    }

    /// Whether `token`, in lower case, is one of the parts between commas.
    func containsToken(_ token: StaticString) -> Bool {
        var start = 0
        while start <= count {
            let end = index(of: UInt8(ascii: ","), from: start) ?? count
            if part(start..<end).trimmed.equalsIgnoringCase(token) { return true }
            start = end + 1
        }
        return false
    }

    /// Whether there is something, and nothing but visible ASCII.
    var isVisible: Bool {
        for index in 0..<count where self[index] <= 0x20 || self[index] >= 0x7F { return false }
        return count > 0
    }

    /// Without spaces and tabs at the ends.
    var trimmed: UnsafeRawBufferPointer { part(trimmedRange(from: 0)) }

    /// What is left from `start` on without spaces and tabs at the ends.
    func trimmedRange(from start: Int) -> Range<Int> {
        var lower = start
        var upper = count
        while lower < upper, self[lower].isBlank { lower += 1 }
        while lower < upper, self[upper - 1].isBlank { upper -= 1 }
        return lower..<upper
    }
}

extension UInt8 {
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
