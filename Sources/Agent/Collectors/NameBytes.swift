/// Names as the kernel writes them, compared without becoming text.
extension Collection<UInt8> {
    func hasPrefix(_ prefix: StaticString) -> Bool { starts(with: prefix.buffer) }

    func isEqual(to text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && elementsEqual(text.buffer)
    }
}

extension StaticString {
    fileprivate var buffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
