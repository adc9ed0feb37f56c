/// Comparing the bytes of a head.
extension UnsafeRawBufferPointer {
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount
            && elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

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
            let end = self[start...].firstIndex(of: UInt8(ascii: ",")) ?? count
            let part = UnsafeRawBufferPointer(rebasing: self[start..<end])
            if UnsafeRawBufferPointer(rebasing: part[part.trimmed()]).equalsIgnoringCase(token) { return true }
            start = end + 1
        }
        return false
    }

    /// The range without spaces and tabs at its ends.
    func trimmed(from start: Int = 0) -> Range<Int> {
        var range = start..<count
        while let first = range.first, self[first].isBlank { range = (first + 1)..<range.upperBound }
        while let last = range.last, self[last].isBlank { range = range.lowerBound..<last }
        return range
    }
}

extension UInt8 {
    var lowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
